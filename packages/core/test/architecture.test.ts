import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ERROR_CODES } from '@model-canary/core'
import { describe, expect, it } from 'vitest'

/** The three rings, from the inside out. A name that ends in a slash is a whole folder. */
const RINGS = {
  decide: [
    ...[
      'vocabulary',
      'errors',
      'options',
      'message-of',
      'visible-text',
      'metrics-window',
      'analysis/',
      'routing/bucket',
      'routing/key',
      'routing/share-excess',
      'routing/strategy',
      'routing/versions',
    ],
    ...[
      'answer-counts',
      'clusters',
      'counts',
      'histogram',
      'moments',
      'read-summary',
      'summary',
      'version-metrics',
    ].map((file) => `metrics/${file}`),
    ...[
      'analyze',
      'answered-since',
      'arrivals',
      'bake-window',
      'decided-by',
      'describe',
      'eta',
      'event',
      'explain-status',
      'hold',
      'news',
      'observe',
      'outbox',
      'out-of-reach',
      'pause-end',
      'plan',
      'ports',
      'record',
      'requirements',
      'retell',
      'silence',
      'standing-alert',
      'state',
      'status',
      'store',
      'stored-size',
      'transition',
      'wall-time',
    ].map((file) => `rollout/${file}`),
  ],
  remember: [
    ...['exact', 'md5', 'override', 'random', 'router', 'share-watch', 'sticky'].map((file) => `routing/${file}`),
    ...[
      'aggregate',
      'answer-times',
      'answer-watch',
      'arm',
      'baseline-windows',
      'callers',
      'cluster-counts',
      'departures',
      'label-folding',
      'measurement',
      'name-table',
      'pending',
      'recorder',
      'recorder-contract',
      'recorder-options',
      'stalls',
      'window',
    ].map((file) => `metrics/${file}`),
    'rollout/bake-watch',
    'rollout/older-reads',
    'rollout/tripwire',
  ],
  act: [
    ...[
      'adoptable-strategy',
      'canary',
      'canary-options',
      'create-canary',
      'notify/',
      'back-off',
      'retry-after',
      'clock',
      'emitter',
      'events',
      'log-events',
      'index',
      'node',
      'serving/',
    ],
    ...[
      'announce',
      'applier',
      'assemble-controller',
      'before-promote',
      'beginning',
      'checked-store',
      'controller',
      'controller-contract',
      'controller-options',
      'controller-parts',
      'couriers',
      'deadline',
    ].map((file) => `rollout/${file}`),
    ...['drift-watch', 'end-watch', 'evaluation', 'keep-alive', 'settling'].map((file) => `rollout/${file}`),
    ...['dispatcher', 'gatekeeper', 'ledger', 'look', 'memory-store', 'one-at-a-time', 'perform'].map(
      (file) => `rollout/${file}`,
    ),
    ...[
      'process-alerts',
      'source-notes',
      'split-output',
      'status-now',
      'store-watch',
      'timer-loop',
      'under-way',
      'until-terminal',
      'verbs',
      'warming',
      'watched-time',
      'loops',
      'without-handles',
    ].map((file) => `rollout/${file}`),
  ],
} as const

type Ring = keyof typeof RINGS
const ORDER: readonly Ring[] = ['decide', 'remember', 'act']

const root = fileURLToPath(new URL('../src/', import.meta.url))

interface SourceFile {
  readonly name: string
  readonly text: string
  /** The text without comments: what is said about a word is not its use. */
  readonly code: string
  readonly imports: readonly string[]
}

const sourcesOf = (folder: string): readonly SourceFile[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !/\.(test|test-d|fixture)\.ts$/.test(path))
    .map((path) => {
      const text = readFileSync(join(folder, path), 'utf8')
      const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '')
      const specifiers = [...code.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1]!)
      const imports = specifiers.map((specifier) =>
        specifier.startsWith('.')
          ? relative(folder, join(folder, dirname(path), specifier)).replace(/\.js$/, '')
          : specifier,
      )
      return { name: path.replace(/\.ts$/, ''), text, code, imports }
    })

const files = sourcesOf(root)

const ringsOf = (name: string): readonly Ring[] =>
  ORDER.filter((ring) => RINGS[ring].some((entry) => entry === name || (entry.endsWith('/') && name.startsWith(entry))))

/** Which files break a rule. */
const offenders = (breaks: (file: SourceFile) => boolean): readonly string[] =>
  files.filter(breaks).map(({ name }) => name)

const inRing = (ring: Ring) => (file: SourceFile) => ringsOf(file.name)[0] === ring

describe('the rings', () => {
  it('hold every file of core, each in one of them', () => {
    expect(files.length).toBeGreaterThan(80)
    expect(offenders(({ name }) => ringsOf(name).length !== 1)).toEqual([])
  })

  it('name no file that is gone', () => {
    const entries = ORDER.flatMap((ring) => [...RINGS[ring]])
    const exists = (entry: string) =>
      files.some(({ name }) => name === entry || (entry.endsWith('/') && name.startsWith(entry)))
    expect(entries.filter((entry) => !exists(entry))).toEqual([])
  })

  it('point inwards only, types included', () => {
    const outward = files.flatMap(({ name, imports }) =>
      imports
        .filter((imported) => ringsOf(imported).length > 0)
        .filter((imported) => ORDER.indexOf(ringsOf(imported)[0]!) > ORDER.indexOf(ringsOf(name)[0]!))
        .map((imported) => `${name} -> ${imported}`),
    )
    expect(outward).toEqual([])
  })

  it('decide by their arguments alone: no clock, chance, console, package or promise', () => {
    const word =
      /\bDate\b|\bperformance\b|Math\.random|\bconsole\b|\bprocess\b|\bawait\b|\basync\b|new Promise|globalThis/
    expect(offenders((file) => inRing('decide')(file) && word.test(file.code))).toEqual([])
    expect(
      offenders((file) => inRing('decide')(file) && file.imports.some((from) => ringsOf(from).length === 0)),
    ).toEqual([])
  })
})

describe('time and chance', () => {
  it('are named in clock.ts alone', () => {
    const word = /Date\.now|new Date\b(?!\([a-z])|\bperformance\.|setTimeout|setInterval|setImmediate/
    expect(offenders(({ code }) => word.test(code))).toEqual(['clock'])
  })

  it('come as a parameter whose default is Math.random', () => {
    const uses = files.flatMap(({ name, code }) =>
      [...code.matchAll(/.*Math\.random.*/g)].map(([line]) => [name, line.trim()]),
    )
    expect(uses.length).toBeGreaterThan(0)
    for (const [name, line] of uses) {
      expect(name).toMatch(/^(routing\/|notify\/|back-off$)/)
      expect(line).toMatch(/(\?\?|=) Math\.random\b(?!\()/)
    }
  })
})

describe('every file', () => {
  it('has no any, and no class but the error and the two objects that every call pays for', () => {
    expect(offenders(({ code }) => /[:<(|&]\s*any\b|\bas any\b/.test(code))).toEqual([])
    const classes = files.flatMap(({ code }) => [...code.matchAll(/\bclass (\w+)/g)].map((match) => match[1]))
    expect(classes.sort()).toEqual(['CanaryError', 'LiveFlight', 'LiveRequest'])
  })

  it('has 250 lines at most', () => {
    expect(offenders(({ text }) => text.split('\n').length > 251)).toEqual([])
  })

  it('is no drawer', () => {
    expect(offenders(({ name }) => /(^|\/)(utils?|helpers?|common|types?|misc|shared)$/.test(name))).toEqual([])
  })

  it('has a name in kebab-case', () => {
    expect(offenders(({ name }) => !/^[a-z0-9]+(-[a-z0-9]+)*(\/[a-z0-9]+(-[a-z0-9]+)*)*$/.test(name))).toEqual([])
  })

  it('throws CanaryErrors, and makes no error of another kind where options are checked', () => {
    expect(offenders(({ code }) => /throw new (?!CanaryError\b)\w+/.test(code))).toEqual([])
    const atTheDoor = /^options$|-options$|rollout\/plan$|rollout\/tripwire$|^analysis\/|^routing\//
    expect(
      offenders(
        ({ name, code }) => atTheDoor.test(name) && /new (\w*)Error\b/.test(code.replaceAll('new CanaryError', '')),
      ),
    ).toEqual([])
  })

  it('exports by name', () => {
    expect(offenders(({ code }) => /export \*|export default/.test(code))).toEqual([])
  })

  it('imports no package but hash-wasm, and of node: only where Node’s own objects are meant', () => {
    const foreign = files.flatMap(({ name, imports }) =>
      imports.filter((from) => ringsOf(from).length === 0).map((from) => `${name} <- ${from}`),
    )
    expect(
      foreign.filter(
        (line) => !line.endsWith('<- hash-wasm') && !/^(serving|notify)\/.* <- node:|^serving\//.test(line),
      ),
    ).toEqual([])
  })
})

describe('every error code', () => {
  it('is used by some file besides the list itself', () => {
    const sources = ['istio', 'prometheus'].flatMap((name) => sourcesOf(join(root, '..', '..', name, 'src')))
    const code = [...files, ...sources].flatMap(({ name, code }) => (name === 'errors' ? [] : [code])).join('\n')
    expect(ERROR_CODES.filter((name) => !code.includes(`'${name}'`))).toEqual([])
  })
})
