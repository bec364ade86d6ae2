import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ERROR_CODES } from '@model-canary/core'
import { ISTIO_ERROR_CODES } from '@model-canary/istio'
import { PROMETHEUS_ERROR_CODES } from '@model-canary/prometheus'
import { REDIS_ERROR_CODES } from '@model-canary/redis'
import { describe, expect, it } from 'vitest'

/** The three rings, from the inside out, each with its folders from the inside out. */
const RINGS = {
  decide: ['foundation', 'statistics', 'summaries', 'guardrails', 'judging', 'rollout'],
  remember: ['routing', 'recorder'],
  act: ['runtime', 'fleet', 'serving', 'controller', 'canary', 'http', 'webhook', 'folder-store'],
} as const

type Ring = keyof typeof RINGS

/** A folder imports from those before it. The entries are outside all folders. */
const FOLDERS: readonly string[] = Object.values(RINGS).flat()

const root = fileURLToPath(new URL('../src/', import.meta.url))

interface SourceFile {
  readonly name: string
  readonly text: string
  /** The text without comments, because a word in a comment is not a use. */
  readonly code: string
  readonly imports: readonly string[]
}

const sourcesOf = (folder: string): readonly SourceFile[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.m?[jt]s$/.test(path) && !/\.(test|test-d|fixture)\.ts$/.test(path))
    .map((path) => {
      const text = readFileSync(join(folder, path), 'utf8')
      const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '')
      const specifiers = [...code.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1]!)
      const imports = specifiers.map((specifier) =>
        specifier.startsWith('.')
          ? relative(folder, join(folder, dirname(path), specifier)).replace(/\.m?js$/, '')
          : specifier,
      )
      return { name: path.replace(/\.m?[jt]s$/, ''), text, code, imports }
    })

const files = sourcesOf(root)

/** The entries, one for each audience. */
const ENTRIES = ['adapter', 'controller', 'folder-store', 'index', 'judge', 'webhook', 'webhook-receiver']

const byName = new Map(files.map((file) => [file.name, file]))

/** `undefined` for an entry. */
const folderOf = (name: string): string | undefined => (name.includes('/') ? name.split('/')[0] : undefined)

/** Their functions are taken from them once, or requests do not use them. */
const WITH_GETTERS = ['recorder/flight-follower', 'recorder/recorder', 'serving/warm-up']

/** Returns the files that break a rule. */
const offenders = (breaks: (file: SourceFile) => boolean): readonly string[] =>
  files.filter(breaks).map(({ name }) => name)

const inRing = (ring: Ring) => (file: SourceFile) => RINGS[ring].some((folder) => folder === folderOf(file.name))

describe('the folders', () => {
  it('hold every file of core but the entries', () => {
    expect(files.length).toBeGreaterThan(200)
    const folders = files.map(({ name }) => folderOf(name)).filter((folder) => folder !== undefined)
    expect([...new Set(folders)].sort()).toEqual([...FOLDERS].sort())
    expect(offenders(({ name }) => folderOf(name) === undefined).toSorted()).toEqual(ENTRIES)
  })

  it('import from the folders before them only, types included', () => {
    const outward = files.flatMap(({ name, imports }) =>
      imports
        .filter((imported) => byName.has(imported) && folderOf(name) !== undefined)
        .filter((imported) => FOLDERS.indexOf(folderOf(imported)!) > FOLDERS.indexOf(folderOf(name)!))
        .map((imported) => `${name} -> ${imported}`),
    )
    expect(outward).toEqual([])
  })

  it('decide by their arguments alone: no clock, randomness, console, package or promise', () => {
    const word =
      /\bDate\b|\bperformance\b|Math\.random|\bconsole\b|\bprocess\b|\bawait\b|\basync\b|new Promise|globalThis/
    expect(offenders((file) => inRing('decide')(file) && word.test(file.code))).toEqual([])
    expect(offenders((file) => inRing('decide')(file) && file.imports.some((from) => !byName.has(from)))).toEqual([])
  })
})

describe('the packages', () => {
  const everywhere = filesOfAllPackages()

  it('hold no files that import each other in a circle, types included, and across packages', () => {
    expect(everywhere.get('istio/src/kube/exec-plugin')!.imports).toContain('core/src/index')
    expect(everywhere.size).toBeGreaterThan(files.length + 200)
    expect(circlesAmong(everywhere)).toEqual([])
  })
})

describe('time and randomness', () => {
  it('are named in clock.ts alone', () => {
    const word = /Date\.now|new Date\b(?!\([a-z])|\bperformance\.|setTimeout|setInterval|setImmediate/
    expect(offenders(({ code }) => word.test(code))).toEqual(['runtime/clock'])
  })

  it('come as a parameter whose default is Math.random', () => {
    const uses = files.flatMap(({ name, code }) =>
      [...code.matchAll(/.*Math\.random.*/g)].map(([line]) => [name, line.trim()]),
    )
    expect(uses.length).toBeGreaterThan(0)
    for (const [name, line] of uses) {
      expect(name).toMatch(/^(routing\/|webhook\/|runtime\/(back-off|unique-id)$)/)
      expect(line).toMatch(/(\?\?|=) Math\.random\b(?!\()/)
    }
  })
})

describe('every file', () => {
  it('has no any, and no class except the error and the three objects of the hot path', () => {
    expect(offenders(({ code }) => /[:<(|&]\s*any\b|\bas any\b/.test(code))).toEqual([])
    const classes = files.flatMap(({ code }) => [...code.matchAll(/\bclass (\w+)/g)].map((match) => match[1]))
    expect(classes.sort()).toEqual(['CanaryError', 'LiveFlight', 'LiveRequest', 'NodeTie'])
  })

  it('has no object with a getter on the path of a request: V8 would keep it in a dictionary', () => {
    const isOnPath = ({ name }: SourceFile) => /^(recorder|routing|serving)\/[\w-]+$/.test(name)
    const isLiteral = ({ code }: SourceFile) => /^ {4,}get \w+\(/m.test(code) // a class has them at two spaces
    expect(offenders((file) => isOnPath(file) && isLiteral(file))).toEqual(WITH_GETTERS)
  })

  it('has 250 lines at most', () => {
    expect(offenders(({ text }) => text.split('\n').length > 251)).toEqual([])
  })

  it('has a specific name, not utils or helpers', () => {
    expect(offenders(({ name }) => /(^|\/)(utils?|helpers?|common|types?|misc|shared)$/.test(name))).toEqual([])
  })

  it('has a name in kebab-case', () => {
    expect(offenders(({ name }) => !/^[a-z0-9]+(-[a-z0-9]+)*(\/[a-z0-9]+(-[a-z0-9]+)*)*$/.test(name))).toEqual([])
  })

  it('throws CanaryErrors, and creates no other errors where options are checked', () => {
    expect(offenders(({ code }) => /throw new (?!CanaryError\b)\w+/.test(code))).toEqual([])
    const atTheDoor = /\/options$|-options$|^rollout\/plan$|^recorder\/tripwire$|^guardrails\/|^judging\/|^routing\//
    expect(
      offenders(
        ({ name, code }) => atTheDoor.test(name) && /new (\w*)Error\b/.test(code.replaceAll('new CanaryError', '')),
      ),
    ).toEqual([])
  })

  it('exports by name', () => {
    expect(offenders(({ code }) => /export \*|export default/.test(code))).toEqual([])
  })

  it('of folder-store alone imports the file system', () => {
    const users = offenders(({ imports }) => imports.some((from) => from.startsWith('node:fs')))
    expect([...new Set(users.map(folderOf))]).toEqual(['folder-store'])
  })

  it('imports no package but hash-wasm, and node: modules only for Node’s own objects', () => {
    const foreign = files.flatMap(({ name, imports }) =>
      imports.filter((from) => !byName.has(from)).map((from) => `${name} <- ${from}`),
    )
    expect(
      foreign.filter(
        (line) =>
          line !== 'routing/md5 <- hash-wasm' && !/^(serving|http|webhook|folder-store)\/.* <- node:/.test(line),
      ),
    ).toEqual([])
  })
})

describe('every error code', () => {
  it('of core is used by a file besides the list itself', () => {
    const code = files.flatMap(({ name, code }) => (name === 'foundation/error-codes' ? [] : [code])).join('\n')
    const elsewhere = ['istio'].flatMap((name) =>
      sourcesOf(join(root, '..', '..', name, 'src')).map((file) => file.code),
    )
    expect(ERROR_CODES.filter((name) => ![code, ...elsewhere].some((text) => text.includes(`'${name}'`)))).toEqual([])
  })

  it.each([
    ['istio', ISTIO_ERROR_CODES],
    ['prometheus', PROMETHEUS_ERROR_CODES],
    ['redis', REDIS_ERROR_CODES],
  ])('of %s is used there, and core names none of them', (name, codes) => {
    const code = sourcesOf(join(root, '..', '..', name, 'src'))
      .flatMap((file) => (file.name === 'error-codes' ? [] : [file.code]))
      .join('\n')
    expect(codes.filter((each) => !code.includes(`'${each}'`))).toEqual([])
    expect(offenders((file) => codes.some((each) => file.code.includes(each)))).toEqual([])
  })
})

/** Returns the files of every package by their paths, such as `core/src/index`. */
function filesOfAllPackages(): ReadonlyMap<string, SourceFile> {
  const packages = join(root, '..', '..')
  const names = readdirSync(packages).filter((name) => existsSync(join(packages, name, 'src')))
  const all = names.flatMap((name) =>
    sourcesOf(join(packages, name, 'src')).map((file) => ({
      ...file,
      name: join(name, 'src', file.name),
      imports: file.imports.map((imported) => {
        const [, other, entry = 'index'] = /^@model-canary\/([^/]+)(?:\/(.+))?$/.exec(imported) ?? []
        return other === undefined ? join(name, 'src', imported) : join(other, 'src', entry)
      }),
    })),
  )
  return new Map(all.map((file) => [file.name, file]))
}

/** Tarjan (1972): the strongly connected components that have more than one file. */
function circlesAmong(all: ReadonlyMap<string, SourceFile>): readonly string[] {
  const order = new Map<string, number>()
  const lowest = new Map<string, number>()
  const stack: string[] = []
  const circles: string[] = []
  const visit = (name: string): void => {
    order.set(name, order.size)
    lowest.set(name, order.get(name)!)
    stack.push(name)
    for (const next of all.get(name)!.imports.filter((imported) => all.has(imported))) {
      if (!order.has(next)) visit(next)
      if (stack.includes(next)) lowest.set(name, Math.min(lowest.get(name)!, lowest.get(next)!))
    }
    if (lowest.get(name) !== order.get(name)) return
    const circle = stack.splice(stack.indexOf(name))
    if (circle.length > 1) circles.push(circle.sort().join(' <-> '))
  }
  for (const name of all.keys()) if (!order.has(name)) visit(name)
  return circles
}
