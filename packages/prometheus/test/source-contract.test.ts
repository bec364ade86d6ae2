import {
  type ManualClock,
  manualClock,
  type ServedCalls,
  type SourcePlace,
  sourceContract,
} from '@model-canary/testing'
import { it } from 'vitest'
import { prometheusSource } from '../src/index.js'
import { type Closer, type MadeSeries, madePrometheus } from './source.fixture.js'

const SCRAPE_MS = 10_000

type Arm = 'baseline' | 'canary'

/** The counters of two versions, scraped every ten seconds since long before the first window. */
function scrapedCounters(clock: ManualClock) {
  const totals = { baseline: { requests: 1_000, errors: 10 }, canary: { requests: 1_000, errors: 10 } }
  const samples = new Map<string, MadeSeries['samples'][number][]>()
  const scrape = async (): Promise<void> => {
    await clock.advance(SCRAPE_MS)
    for (const arm of ['baseline', 'canary'] as const) {
      for (const kind of ['requests', 'errors'] as const) {
        const name = `${arm}_${kind}`
        samples.set(name, [...(samples.get(name) ?? []), [clock.now() - 2_000, totals[arm][kind]]])
      }
    }
  }
  return {
    scrape,
    samplesOf: (query: string) => samples.get(query.trim().replace(/^\((.*?)\s*\)$/s, '$1')) ?? [],
    add(arm: Arm, { success, error }: ServedCalls) {
      totals[arm].requests += success + error
      totals[arm].errors += error
    },
  }
}

/** A fake Prometheus over such counters. The source can have counted a call two scrapes after it. */
async function scrapedPlace(): Promise<SourcePlace> {
  const closers: Closer[] = []
  const clock = manualClock({ startMs: Date.UTC(2026, 0, 1) })
  const counters = scrapedCounters(clock)
  for (let before = 0; before < 12; before += 1) await counters.scrape()
  let isHanging = false
  const prometheus = await madePrometheus((query) => {
    if (isHanging) return new Promise(() => {})
    return [{ samples: counters.samplesOf(query) }]
  }, closers)
  let epoch = 0
  const close = async (): Promise<void> => {
    for (const one of closers.splice(0)) await one()
  }
  const queriesOf = (arm: Arm) => ({ requests: `${arm}_requests`, errors: `${arm}_errors` })
  return {
    open: () =>
      prometheusSource({
        url: prometheus.url,
        queries: { baseline: queriesOf('baseline'), canary: queriesOf('canary') },
        clock,
      }),
    nextWindow() {
      epoch += 1
      return { epoch, step: 1, visit: 1, openedAt: clock.now() }
    },
    async serve({ baseline, canary }) {
      await counters.scrape() // the counters are known at the beginning of the window
      counters.add('baseline', baseline)
      counters.add('canary', canary)
      for (let scrapes = 0; scrapes < 3; scrapes += 1) await counters.scrape()
    },
    breakDown: close,
    hang() {
      isHanging = true
    },
    close,
  }
}

sourceContract({ it }, 'prometheusSource', scrapedPlace)
