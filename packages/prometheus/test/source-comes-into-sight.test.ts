import { describe, expect, it, vi } from 'vitest'
import { type Pod, rolloutIn, scrapedWorld } from './scraped-world.fixture.js'

vi.setConfig({ testTimeout: 120_000 }) // hours of virtual time

type Life = Pick<Pod, 'ok' | 'error'>

const never = new AbortController().signal

/** Three pods of the baseline and two of the canary that have served for days. */
const oldPods = (baseline: Life, canary: Life) => [
  ...Array.from({ length: 3 }, () => ({ arm: 'baseline' as const, ...baseline })),
  ...Array.from({ length: 2 }, () => ({ arm: 'canary' as const, ...canary })),
]

const QUIET: Life = { ok: 499_000, error: 1_000 }
const UNLUCKY: Life = { ok: 45_000, error: 5_000 }

/** Changes of pods during a step. */
const HAPPENINGS: Readonly<Record<string, (world: ReturnType<typeof scrapedWorld>) => void>> = {
  'all series get a label': ({ pods }) => {
    for (const pod of pods) pod.labels = { cluster: 'eu-1' }
  },
  "the canary's job is renamed": ({ pods }) => {
    for (const pod of pods) if (pod.arm === 'canary') pod.labels = { job: 'new' }
  },
  'one pod of the canary is known by another name': ({ pods }) => {
    pods.find(({ arm }) => arm === 'canary')!.labels = { pod: 'renamed' }
  },
  'a counter of the canary shows one error less': ({ pods }) => {
    pods.find(({ arm }) => arm === 'canary')!.error -= 1
  },
  'a pod of the baseline begins again': ({ pods }) => {
    Object.assign(pods[0]!, { ok: 0, error: 0 })
  },
  'a canary with a long life is scraped at last': ({ add }) => {
    add({ arm: 'canary', ok: 40_000, error: 10_000 })
  },
}

describe.each(Object.keys(HAPPENINGS))('where %s', (name) => {
  it.each([
    ['a good canary with an unlucky past is promoted', 0.01, QUIET, UNLUCKY, 'promoted'],
    ['a bad canary beside a baseline with an incident is rolled back', 0.08, UNLUCKY, QUIET, 'rolled-back'],
  ])('%s', async (_, canaryErrors, baseline, canary, end) => {
    const world = scrapedWorld({ pods: oldPods(baseline, canary), seed: 3 })
    await world.run(5 * 60_000)
    const { controller, hasEnded, alerts } = await rolloutIn(world)
    world.rates.canary = canaryErrors
    await world.run(100_000)
    expect(hasEnded()).toBe(false)
    HAPPENINGS[name]!(world)
    await world.run(60 * 60_000, hasEnded)
    expect(controller.status().state).toBe(end)
    expect(alerts.filter(({ about }) => about === 'split')).toEqual([])
  })
})

/** A world at 10 %, and a source that has read the step once. */
async function atTenPercent(options: Partial<Parameters<typeof scrapedWorld>[0]> = {}) {
  const world = scrapedWorld({ pods: oldPods(QUIET, UNLUCKY), seed: 5, ...options })
  world.weights.push({ at: world.clock.now(), weight: 10 })
  await world.run(5 * 60_000)
  const window = { epoch: 1, step: 1, visit: 1, openedAt: world.clock.now() }
  const source = world.source()
  const read = async (from = source) => {
    const counts = await from.read(window, never)
    if (counts === 'no-data') throw new Error('there are counts')
    return counts
  }
  await world.run(130_000)
  await read()
  return { world, source, read }
}

/** A gauge of a pod's start time, scraped from the start. */
const startOf = (world: Awaited<ReturnType<typeof atTenPercent>>['world'], pod: string, at: number) =>
  world.sample({ __name__: 'process_start_time_seconds', pod }, world.clock.now(), at / 1_000)

describe('a pod that starts during a step', () => {
  it('is counted from its start if its process exports it, with the errors of its first scrape', async () => {
    const { world, read } = await atTenPercent({ scrapeMs: 60_000, requestsPerSecond: 100 })
    const before = (await read()).canary
    world.add({ arm: 'canary', name: 'fresh', offsetMs: 20_000, ok: 300, error: 200 })
    startOf(world, 'fresh', world.clock.now() - 10_000)
    await world.run(180_000)
    const { canary } = await read()
    expect(canary.outcomes.error).toBeGreaterThanOrEqual(before.outcomes.error + 200)
    expect(await read(world.source())).toEqual(await read())
    expect(world.asked.filter((query) => query.startsWith('process_start_time_seconds'))).not.toEqual([])
  })

  it('is counted from its first sample if its process is older than the step', async () => {
    const { world, read } = await atTenPercent({ scrapeMs: 60_000, requestsPerSecond: 100 })
    world.add({ arm: 'canary', name: 'found', offsetMs: 20_000, ok: 300, error: 200 })
    startOf(world, 'found', world.clock.now() - 3_600_000)
    await world.run(180_000)
    expect((await read()).canary.outcomes.error).toBeLessThan(60)
  })

  it("goes by the counter's own time of creation", async () => {
    const { world, read } = await atTenPercent({ scrapeMs: 60_000, requestsPerSecond: 100 })
    world.add({ arm: 'canary', name: 'fresh', offsetMs: 20_000, ok: 300, error: 200 })
    const createdAt = (world.clock.now() - 10_000) / 1_000
    for (const code of ['200', '500']) {
      const labels = { __name__: 'http_requests_created', version: 'canary', pod: 'fresh', code }
      world.sample(labels, world.clock.now(), createdAt)
    }
    await world.run(180_000)
    expect((await read()).canary.outcomes.error).toBeGreaterThanOrEqual(200)
  })

  it('is counted from its first request if its process was scraped before', async () => {
    const quiet = { arm: 'canary' as const, name: 'quiet', offsetMs: 20_000, isReachable: false }
    const pods = [...oldPods(QUIET, UNLUCKY), quiet]
    const { world, read } = await atTenPercent({ scrapeMs: 60_000, requestsPerSecond: 100, isLazy: true, pods })
    const before = (await read()).canary
    Object.assign(world.pods.at(-1)!, { ok: 100, error: 150 })
    await world.run(180_000)
    expect((await read()).canary.outcomes.error).toBeGreaterThanOrEqual(before.outcomes.error + 150)
  })

  it('sends no more queries while no series appears', async () => {
    const { world, read } = await atTenPercent()
    await world.run(60_000)
    await read()
    expect(world.asked.filter((query) => !query.startsWith('http_requests_total'))).toEqual([])
  })
})

describe('the notes of a source', () => {
  it('report that looks are more frequent than scrapes', async () => {
    const world = scrapedWorld({ pods: oldPods(QUIET, UNLUCKY), scrapeMs: 60_000 })
    await world.run(5 * 60_000)
    const { controller } = await rolloutIn(world)
    await world.run(200_000)
    const words =
      'Prometheus scrapes every 60 s and is read every 15 s: most reads find nothing new, and events are seen up to 135 s late'
    expect(controller.status().notes).toEqual([words])
    expect(controller.explain()).toContain(`${words}.`)
  })

  it('report nothing if they are not', async () => {
    const world = scrapedWorld({ pods: oldPods(QUIET, UNLUCKY) })
    await world.run(5 * 60_000)
    const { controller } = await rolloutIn(world)
    await world.run(200_000)
    expect(controller.status().notes).toEqual([])
  })

  it('report at the first look that nothing matches, once, as an alert', async () => {
    const world = scrapedWorld({ pods: [{ arm: 'canary' }] })
    await world.run(5 * 60_000)
    const { alerts } = await rolloutIn(world)
    await world.run(50_000)
    expect(alerts.filter(({ about }) => about === 'source').map(({ message }) => message)).toEqual([
      'no series matches the requests of baseline, http_requests_total{version="baseline"}: check its name and labels, and whether it is scraped',
    ])
  })

  it('report a missing canary only after it could have been scraped', async () => {
    const world = scrapedWorld({ pods: [{ arm: 'baseline' }] })
    await world.run(5 * 60_000)
    const { alerts } = await rolloutIn(world)
    const ofSource = () => alerts.filter(({ about }) => about === 'source')
    await world.run(25_000)
    expect(ofSource()).toEqual([])
    await world.run(40_000)
    expect(ofSource()).toMatchObject([{ message: expect.stringContaining('the requests of canary') }])
  })

  it('report excluded periods', async () => {
    const world = scrapedWorld({ pods: oldPods(QUIET, UNLUCKY) })
    await world.run(5 * 60_000)
    const { controller, alerts } = await rolloutIn(world)
    await world.run(130_000)
    world.pods[0]!.ok += 1_000_000
    await world.run(45_000)
    expect(controller.explain()).toMatch(
      /One period was excluded from both arms in this step, .* more than its earlier traffic explains\./,
    )
    expect(alerts.filter(({ about }) => about === 'source')).toHaveLength(1)
  })
})
