import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { type Default, literalOfText, readDefaults } from './defaults/read-defaults.js'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const PACKAGES = [
  'core',
  'express',
  'koa',
  'fastify',
  'istio',
  'prometheus',
  'openfeature',
  'opentelemetry',
  'redis',
  'dashboard',
]
const { told, made, text } = readDefaults(PACKAGES.map((name) => join(root, 'packages', name, 'src')))
const nameOf = ({ options, member }: { readonly options: string; readonly member: string }) => `${options}.${member}`

/** Values that may be left out of a port, of data or of a single call, and koa's prefix: no maker of core fills them in. */
const NOT_OF_A_MAKER = [
  'Calibration.unit',
  'DeadlineOptions.keepAlive',
  'DurationQueries.unit',
  'Fleet.hasReports',
  'FlightRequest.isTrial',
  'FlightResult.outcome',
  'KubeCredentials.insecureSkipTlsVerify',
  'MetricsSource.survivesRestart',
  'MountedRoutesOptions.prefix',
  'ServingOptions.fallback',
  'Target.precision',
  'VerbOptions.actor',
  'Verdict.about',
  'WrapOptions.context',
]

describe('the default of an option', () => {
  it('is said by the docstring of the option as the object of defaults has it', () => {
    const tags = new Map(told.map((tag) => [nameOf(tag), tag]))
    expect(made.length).toBeGreaterThan(75)
    const wrong = made.filter((entry) => {
      const tag = tags.get(nameOf(entry))
      const isWorkedOut = entry.literal === 'null' && tag?.literal === undefined
      return entry.literal === undefined || tag === undefined || (!isWorkedOut && tag.literal !== entry.literal)
    })
    expect(wrong.map((entry) => `${nameOf(entry)}: ${entry.literal}, not ${tags.get(nameOf(entry))?.text}`)).toEqual([])
  })

  it('is in an object of defaults, if its docstring says a value', () => {
    const known = new Set(made.map(nameOf))
    const missing = told.filter((tag) => tag.literal !== undefined && !known.has(nameOf(tag)))
    expect(missing.map(nameOf).sort()).toEqual(NOT_OF_A_MAKER)
  })

  it('is read from the object, so that a change of the object changes what the maker does', () => {
    const unread = made.filter(({ object, member }) => {
      return !text.includes(`...${object}`) && !new RegExp(`\\b${object}\\.${member}\\b`).test(text)
    })
    expect(unread.map(nameOf)).toEqual([])
  })
})

/** The pages for users, by their path. */
const PAGES: ReadonlyMap<string, string> = new Map(
  [
    'README.md',
    ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`),
    ...PACKAGES.map((name) => `packages/${name}/README.md`),
  ]
    .filter((path) => path.endsWith('.md'))
    .map((path) => [path, readFileSync(join(root, path), 'utf8')]),
)

/** The options that the tables of a page with a column `default` are about. */
const OPTIONS_OF_PAGE: Readonly<Record<string, string>> = {
  'docs/adapters.md': 'CanaryMiddlewareOptions',
  'docs/dashboard.md': 'DashboardOptions',
  'docs/routes.md': 'CanaryRoutesOptions',
  'packages/express/README.md': 'CanaryMiddlewareOptions',
  'packages/fastify/README.md': 'CanaryMiddlewareOptions',
  'packages/koa/README.md': 'CanaryMiddlewareOptions',
  'packages/openfeature/README.md': 'CanaryProviderOptions',
  'packages/opentelemetry/README.md': 'OpenTelemetryObserverOptions',
  'packages/redis/README.md': 'RedisStoreOptions',
}

/** The options of the makers in the table of docs/guardrails.md. */
const OPTIONS_OF_GUARDRAIL: Readonly<Record<string, string>> = {
  errorRate: 'RateOptions',
  timeoutRate: 'RateOptions',
  unansweredRate: 'RateOptions',
  abortRate: 'RateOptions',
  rejectedRate: 'RejectedRateOptions',
  latency: 'LatencyOptions',
  tailLatency: 'TailLatencyOptions',
  predictionShift: 'PredictionShiftOptions',
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000, '%': 0.01, points: 0.01 }

/** A sentence such as "`settleTimeoutMs` (60 s)", and the default that it tells. */
interface Mention {
  readonly where: string
  readonly member: string
  readonly value: number
}

function mentionsOf(page: string, markdown: string): readonly Mention[] {
  const found = markdown.matchAll(/`(\w+)`\*{0,2} \((\d[\d,.]*\d|\d)(?:\s+(ms|s|min|h|%|points)(?!\w))?[^)]*\)/g)
  return [...found].map(([where, member, number, unit]) => {
    return {
      where: `${page}: ${where}`,
      member: member!,
      value: Number((Number(number!.replaceAll(',', '')) * UNITS[unit ?? 'ms']!).toPrecision(12)),
    }
  })
}

const rowsOf = (table: string): readonly (readonly string[])[] =>
  table
    .trim()
    .split('\n')
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )

describe('a page that tells a default', () => {
  const mentions = [...PAGES].flatMap(([page, markdown]) => mentionsOf(page, markdown))
  const valuesOf = (member: string) => made.filter((entry) => entry.member === member).map(({ literal }) => literal)

  it('tells it in its sentences as the maker has it', () => {
    const about = mentions.filter(({ member }) => valuesOf(member).some((literal) => literal && /^\d/.test(literal)))
    expect(about.length).toBeGreaterThan(18)
    expect(about.filter(({ member, value }) => !valuesOf(member).includes(JSON.stringify(value)))).toEqual([])
  })

  it('tells it in the tables of options as the maker has it', () => {
    const wrong: string[] = []
    const pages = new Set<string>()
    for (const [page, markdown] of PAGES) {
      for (const [table] of markdown.matchAll(/^(?:\|.*\n)+/gm)) {
        const [head, , ...rows] = rowsOf(table)
        const at = head!.indexOf('default')
        if (at < 0) continue
        pages.add(page)
        for (const row of rows) {
          const member = row[0]!.replaceAll('`', '')
          const entry = made.find(({ options, member: name }) => options === OPTIONS_OF_PAGE[page] && name === member)
          const cell = /^`(.*)`$/.exec(row[at]!)?.[1]
          const literal = cell === undefined ? undefined : literalOfText(cell)
          if (entry?.literal !== literal) wrong.push(`${page}: ${member} is ${entry?.literal}, not ${row[at]}`)
        }
      }
    }
    expect(wrong).toEqual([])
    expect([...pages].sort()).toEqual(Object.keys(OPTIONS_OF_PAGE))
  })

  it('tells it in the table of guardrails as the maker has it', () => {
    const table = PAGES.get('docs/guardrails.md')!.match(/^\| maker(?:.*\n)+?\n/m)![0]
    const cells = rowsOf(table).flatMap(([maker, ...row]) =>
      mentionsOf('', row.join('|')).map(({ member, value }) => [maker!.replaceAll('`', ''), member, value] as const),
    )
    const defaultOf = (maker: string, member: string) =>
      made.find((entry: Default) => entry.options === OPTIONS_OF_GUARDRAIL[maker] && entry.member === member)?.literal
    expect(cells.length).toBeGreaterThan(9)
    expect(cells.filter(([maker, member, value]) => defaultOf(maker, member) !== JSON.stringify(value))).toEqual([])
  })
})
