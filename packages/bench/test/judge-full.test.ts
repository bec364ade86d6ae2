import { spawnSync } from 'node:child_process'
import { appendFileSync, copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const part = (name: string) => import(`../src/judge/${name}.mjs`)
const { readWish } = await part('arguments')
const { builtFrom, hashOf, RINGS } = await part('build-hash')
const { createDuration } = await part('duration')
const { keepEntries, openLedger } = await part('ledger')
const { ALL_SCENARIOS, contestant, scenarioOf } = await part('line-up')
const { CENTRAL, inTurn, programmeOf, SLOW } = await part('programme')
const { runOne } = await part('run-one')
const { runScraped } = await part('run-scraped')
const { spotCheck, told } = await part('spot-check')

interface Match {
  readonly scenario: { readonly name: string; readonly mostReplications?: number }
  readonly judge: { readonly name: string }
  readonly jobs: readonly Job[]
}

interface Job {
  readonly scenario: string
  readonly judge: string
  readonly seed: number
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-full-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('the whole benchmark', () => {
  const matches: readonly Match[] = programmeOf(readWish(['--full']))
  const own = matches.filter(({ judge }) => judge.name === 'evidence')

  it('has 3,000 runs of each of six good situations, and 300 of all others', () => {
    const runsOf = (names: readonly string[]) =>
      own.filter(({ scenario }) => names.includes(scenario.name)).map(({ jobs }) => jobs.length)
    expect(runsOf(CENTRAL)).toEqual([3_000, 3_000, 3_000, 3_000, 3_000, 3_000])
    expect(own).toHaveLength(ALL_SCENARIOS.length)
    const others = own.filter(({ scenario }) => !CENTRAL.includes(scenario.name))
    expect(new Set(others.map(({ jobs }) => jobs.length))).toEqual(new Set([300]))
  })

  it('has 100 runs of every other judge, without the situations of long ago', () => {
    const others = matches.filter(({ judge }) => judge.name !== 'evidence')
    expect(new Set(others.map(({ jobs }) => jobs.length))).toEqual(new Set([100]))
    const names = new Set(others.map(({ scenario }) => scenario.name))
    expect(ALL_SCENARIOS.filter(({ name }: { name: string }) => !names.has(name)).map(nameOf)).toEqual([
      'up-15min',
      'up-1h',
      'up-4h',
      'up-24h',
      'users-turn-over',
    ])
  })

  it('comes to the central situations first, then to the library’s judge, and to the slow ones last', () => {
    const jobs: readonly Job[] = inTurn(matches)
    expect(jobs.slice(0, 18_000).every(({ scenario }) => CENTRAL.includes(scenario))).toBe(true)
    const firstOf = (isIt: (job: Job) => boolean) => jobs.findIndex(isIt)
    const others = firstOf(({ judge }) => judge !== 'evidence')
    const slow = firstOf(({ scenario, judge }) => judge === 'evidence' && SLOW.includes(scenario))
    expect(jobs.slice(18_000, others).every(({ judge }) => judge === 'evidence')).toBe(true)
    expect(jobs.slice(slow).every(({ scenario }) => SLOW.includes(scenario))).toBe(true)
    expect(others).toBeLessThan(slow)
  })

  it('can be tried with a few runs of each', () => {
    const few: readonly Match[] = programmeOf(readWish(['--full', '--replications', '2']))
    expect(few).toHaveLength(matches.length)
    expect(few.every(({ jobs }) => jobs.length === 2)).toBe(true)
  })

  it('can be told of an earlier build, but not run as one', () => {
    expect(readWish(['--no-runs', '--build', 'abc'])).toMatchObject({ build: 'abc', isReport: true })
    expect(() => readWish(['--full', '--build', 'abc'])).toThrow('--build needs --no-runs')
  })
})

const nameOf = ({ name }: { name: string }) => name

describe('the hash of a build', () => {
  const hash = (source: string) => hashOf([['judging/a.ts', source]])

  it('is another one for another decision or file, and the same for another comment or type', () => {
    const plain = hash('export const limit = (x: number) => x > 20')
    expect(hash('export const limit = (x: number) => x > 21')).not.toBe(plain)
    expect(hashOf([['judging/b.ts', 'export const limit = (x: number) => x > 20']])).not.toBe(plain)
    expect(hash('/** The limit. */\nexport const limit = (x: number): boolean => x > 20 // why')).toBe(plain)
  })

  it('covers what was built from the pure folders, and nothing else of the library', () => {
    const built = (file: string, sources: Readonly<Record<string, string>>) =>
      writeFileSync(
        join(folder, file),
        JSON.stringify({ sources: Object.keys(sources), sourcesContent: Object.values(sources) }),
      )
    const of = (http: string, judging: string) => {
      built('index.js.map', { '../src/http/routes.ts': http, '../src/rollout/plan.ts': 'export {}' })
      built('chunk.js.map', { '../src/judging/evidence/bet.ts': judging, '../src/rollout/plan.ts': 'export {}' })
      built('index.cjs.map', { '../src/judging/other.ts': 'export {}' })
      return builtFrom(folder, RINGS)
    }
    const before = of('const a = 1', 'const b = 1')
    expect(before.map(([name]: [string]) => name)).toEqual(['judging/evidence/bet.ts', 'rollout/plan.ts'])
    expect(hashOf(of('const a = 2', 'const b = 1'))).toBe(hashOf(before))
    expect(hashOf(of('const a = 1', 'const b = 2'))).not.toBe(hashOf(before))
  })

  it('needs a build', () => {
    expect(() => builtFrom(folder, RINGS)).toThrow('run npm run build')
  })
})

describe('the tables and charts of the docs', () => {
  const docs = join(import.meta.dirname, '../../../docs')
  const build = /of build `(\w+)`/.exec(readFileSync(join(docs, 'benchmark.md'), 'utf8'))![1]!

  it('are those of the runs that are kept in the repository', () => {
    const pages = ['statistics.md', 'benchmark.md']
    for (const page of pages) copyFileSync(join(docs, page), join(folder, page))
    const args = ['--full', '--no-runs', '--build', build, '--report', folder]
    spawnSync(process.execPath, [join(import.meta.dirname, '../src/judge/main.mjs'), ...args])
    const charts = readdirSync(join(folder, 'charts')).map((name) => join('charts', name))
    expect(charts).toHaveLength(3)
    for (const file of [...pages, ...charts])
      expect(readFileSync(join(docs, file), 'utf8')).toBe(readFileSync(join(folder, file), 'utf8'))
  }, 300_000) // the oracle of each situation takes half a second

  it('are of a judge that decides as the present one does, in the quickest run of forty situations', async () => {
    const kept: readonly KeptRun[] = openLedger({ file: join(import.meta.dirname, '../runs.jsonl.gz'), build }).all()
    const own = kept.filter(({ judge }) => judge === 'evidence').sort((a, b) => a.tookMs - b.tookMs)
    const quickest = new Map(own.toReversed().map((run) => [run.scenario, run]))
    const chosen = [...quickest.values()].sort((a, b) => a.tookMs - b.tookMs).slice(0, 40)
    expect(chosen).toHaveLength(40)
    for (const { scenario: name, judge, seed, ...was } of chosen) {
      const scenario = scenarioOf(name)
      const run = scenario.scrapes === undefined ? runOne : runScraped
      const now = await run(scenario, contestant(judge), seed)
      expect(told({ scenario: name, judge, seed, ...now })).toBe(told({ scenario: name, judge, seed, ...was }))
    }
  }, 120_000)
})

interface KeptRun extends Job {
  readonly tookMs: number
}

describe('the file of results', () => {
  const job = { scenario: 'plus-5', judge: 'evidence', seed: 1 }
  const outcome = { state: 'rolled-back', elapsedMs: 60_000, exposed: 300 }

  it('is not touched by a reader, because another process may be in the middle of a line', () => {
    const file = join(folder, 'runs.jsonl')
    openLedger({ file, build: 'a' }).add(job, outcome, 700)
    appendFileSync(file, '{"scenario":"plus')
    const written = readFileSync(file, 'utf8')
    const reader = openLedger({ file, build: 'a' })
    expect(reader.get(job)).toMatchObject({ ...outcome, tookMs: 700 })
    expect(readFileSync(file, 'utf8')).toBe(written)
  })

  it('says which builds it has results of', () => {
    const file = join(folder, 'runs.jsonl')
    openLedger({ file, build: 'a' }).add(job, outcome)
    openLedger({ file, build: 'b' }).add(job, outcome)
    const ledger = openLedger({ file, build: 'c' })
    expect([ledger.builds(), ledger.all()]).toEqual([['a', 'b'], []])
  })

  it('adds to runs that are kept in the repository, and does not write those', () => {
    const [file, kept] = [join(folder, 'runs.jsonl'), join(folder, 'runs.jsonl.gz')]
    const other = { ...job, seed: 2 }
    keepEntries(kept, [{ ...job, build: 'a', ...outcome }])
    const before = readFileSync(kept)
    openLedger({ file, kept, build: 'a' }).add(other, outcome)
    expect([job, other].map(openLedger({ file, kept, build: 'a' }).has)).toEqual([true, true])
    expect([job, other].map(openLedger({ file, build: 'a' }).has)).toEqual([false, true])
    expect(readFileSync(kept)).toEqual(before)
  })

  it('is checked by computing a few results again', async () => {
    const worker = join(folder, 'worker.mjs')
    writeFileSync(
      worker,
      `process.on('message', ({ seed }) => process.send({ result: { state: 'promoted', at: seed } }))`,
    )
    const entry = (seed: number, at = seed) => ({
      scenario: `s-${seed}`,
      judge: 'evidence',
      seed,
      build: 'a',
      state: 'promoted',
      at,
    })
    const entries = Array.from({ length: 12 }, (_, seed) => ({ ...entry(seed), tookMs: seed }))
    await spotCheck({ worker, entries })
    await spotCheck({ worker, entries: [] })
    const changed = entries.map((each) => ({ ...each, at: 99 }))
    await expect(spotCheck({ worker, entries: changed })).rejects.toThrow('"at":99} is now {')
    const ofTable = (scenario: string, tookMs: number, at: number) => ({ ...entry(1, at), scenario, tookMs })
    await spotCheck({ worker, entries: [ofTable('plus-3', 9, 99), ofTable('plus-5', 5, 1)] }) // the quickest of a group
    const heavy = ofTable('tenant-fails', 20, 99)
    await expect(spotCheck({ worker, entries: [ofTable('plus-5', 5, 1), heavy] })).rejects.toThrow('tenant-fails')
  })
})

describe('the time that is left', () => {
  it('is estimated by each judge in each situation, and by all where one has no run yet', () => {
    const fast = { scenario: 'plus-5', judge: 'evidence' }
    const slow = { scenario: 'up-24h', judge: 'evidence' }
    const duration = createDuration([{ ...fast, tookMs: 100 }, fast])
    duration.add(slow, 900)
    expect(duration.of([fast, slow, slow])).toBe(1_900)
    expect(duration.of([{ scenario: 'plus-3', judge: 'guide' }])).toBe(500)
  })
})
