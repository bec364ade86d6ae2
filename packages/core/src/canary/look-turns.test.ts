import { manualClock } from '@model-canary/testing'
import { expect, it } from 'vitest'
import { memoryStore } from '../controller/memory-store.js'
import { sharedMemoryStore } from '../controller/shared-memory-store.js'
import { thresholdJudge } from '../judging/threshold-judge.js'
import type { StateStore } from '../rollout/store.js'
import type { Clock } from '../runtime/clock.js'
import { createCanary } from './create-canary.js'

/** A canary at 10 %, whose parts note in which task of the clock they were called, and after which delay it ran. */
async function noted(storeOf: (clock: Clock) => StateStore = memoryStore) {
  const manual = manualClock()
  const notes: { readonly what: string; readonly task: number; readonly delayMs: number }[] = []
  let [task, delay] = [0, 0]
  const note = (what: string) => void notes.push({ what, task, delayMs: delay })
  const clock: Clock = {
    ...manual,
    schedule: (delayMs, run, options) =>
      manual.schedule(
        delayMs,
        () => {
          task += 1
          delay = delayMs
          run()
        },
        options,
      ),
  }
  const [inner, store] = [thresholdJudge({ minSamples: 50 }), storeOf(clock)]
  const canary = createCanary({
    ...{ name: 'm', versions: { baseline: 'v1', canary: 'v2' }, plan: [10, 100], warmUp: { durationMs: 0 } },
    ...{ clock, logger: false, tripwire: false },
    judge: {
      ...inner,
      decide(...asked) {
        note('judge')
        return inner.decide(...asked)
      },
    },
    store: {
      ...store,
      write(...asked) {
        note('write')
        return store.write(...asked)
      },
      ...(store.fleet && {
        fleet: {
          ...store.fleet,
          keep(...asked) {
            note('write')
            return store.fleet!.keep(...asked)
          },
        },
      }),
    },
  })
  await canary.start()
  await manual.advance(14_000)
  canary.on('rolled-back', () => note('rolled back'))
  notes.length = 0
  /** Of the canary's calls, so many in ten fail. */
  const serve = (failing: number) => {
    for (let call = 0; call < 2_000; call += 1) {
      const flight = canary.begin()
      flight.end({ outcome: flight.variant === 'canary' && call % 10 < failing ? 'error' : 'success' })
    }
  }
  return { canary, serve, notes, look: () => manual.advance(2_000) }
}

it.each([
  ['of one process', memoryStore],
  ['of several processes', (clock: Clock) => sharedMemoryStore({ clock })],
])('a look %s reads, judges and writes in turns of the event loop of their own', async (_, storeOf) => {
  const { canary, serve, notes, look } = await noted(storeOf)
  serve(0)
  await look()
  expect(notes.map(({ what, delayMs }) => [what, delayMs])).toEqual([
    ['judge', 0],
    ['write', 0],
  ])
  expect(notes[0]!.task).toBeLessThan(notes[1]!.task)
  await canary.close()
})

it('a look takes the canary away in the turn in which the judge finds harm', async () => {
  const { canary, serve, notes, look } = await noted()
  serve(2)
  await look()
  const judged = notes.find(({ what }) => what === 'judge')!
  expect(notes).toContainEqual({ ...judged, what: 'rolled back' })
  expect(canary.status()).toMatchObject({ state: 'rolled-back', weight: 0 })
  await canary.close()
})
