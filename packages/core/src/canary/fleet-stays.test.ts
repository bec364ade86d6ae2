import { type ManualClock, manualClock } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { createFleetCollection } from '../controller/fleet-collection.js'
import { sharedMemoryStore } from '../controller/shared-memory-store.js'
import type { Visit } from '../rollout/records.js'
import type { StateStore } from '../rollout/store.js'
import { type FleetWorld, fleetWorld } from './fleet.fixture.js'

const neverAborted = new AbortController().signal

/** Returns a store that answers each report so many milliseconds after it has stored it. */
function lateStore(clock: ManualClock, answersAfterMs: number): StateStore {
  const store = sharedMemoryStore({ clock })
  const fleet: NonNullable<StateStore['fleet']> = {
    ...store.fleet!,
    async publish(...asked) {
      const answer = await store.fleet!.publish(...asked)
      await new Promise<void>((resolve) => void clock.schedule(answersAfterMs, resolve))
      return answer
    },
  }
  return { ...store, fleet }
}

/** Two processes in the first step of a rollout. */
async function started(answersAfterMs = 0): Promise<FleetWorld> {
  const clock = manualClock()
  const steps = { plan: [10, 50, 100], warmUp: { durationMs: 0 }, bake: { durationMs: 0 } } as const
  const world = fleetWorld(2, { ...steps, store: lateStore(clock, answersAfterMs) }, clock)
  await Promise.all(world.replicas.map(({ canary }) => canary.start()))
  await world.serve(1, 10, () => world.replicas.every(({ canary }) => canary.status().step === 1))
  world.send(3)
  return world
}

const stayOf = async (world: FleetWorld): Promise<Visit & { readonly name: string }> => {
  const { epoch, visit, step } = (await world.stored()).state
  return { epoch, visit, name: `${epoch}/${step}` }
}

/** Returns how many requests of each arm the stored reports of a stay have. */
async function reportedIn({ store, clock }: FleetWorld, stay: Visit) {
  const ignored = { onDamaged: () => {}, onTooMany: () => {} }
  const { collect } = createFleetCollection({ fleet: store.fleet!, clock, timeoutMs: 1_000, ...ignored })
  const counts = await collect(stay, neverAborted)
  return counts === 'no-data' ? counts : [counts.baseline.begun, counts.canary.begun]
}

/** Returns how many requests were sent to each arm in a step. */
const sentIn = ({ replicas }: FleetWorld, step: string): readonly number[] =>
  (['baseline', 'canary'] as const).map((arm) =>
    replicas.reduce((sum, { sent }) => sum + (sent.get(step)?.[arm] ?? 0), 0),
  )

describe('the reports of a stay that has ended', () => {
  it.each([0, 700])('have all that came later, also if the store answers after %d ms', async (answersAfterMs) => {
    const world = await started(answersAfterMs)
    const [, other] = world.replicas
    for (const stepIsOver of [2, 3].map((step) => () => other!.canary.status().step === step)) {
      const stay = await stayOf(world)
      const pending = other!.canary.begin()
      other!.sent.get(stay.name)![pending.assignment.variant] += 1
      for (let turn = 0; turn < 5_000 && !stepIsOver(); turn += 1) {
        world.send(5)
        await world.clock.advance(370)
      }
      pending.end({ outcome: 'success' })
      world.send(5)
      await world.serve(0, 2)
      expect((await stayOf(world)).visit).toBeGreaterThan(stay.visit)
      expect(await reportedIn(world, stay)).toEqual(sentIn(world, stay.name))
    }
  })

  it('come with the last report of a process that is closed right after it', async () => {
    const world = await started()
    const [one, other] = world.replicas
    const stay = await stayOf(world)
    world.send(50)
    await Promise.all([one!.canary.promote(), world.clock.advance(0)])
    await Promise.all([other!.canary.close(), world.clock.advance(0)])
    await world.serve(0, 2)
    expect(await reportedIn(world, stay)).toEqual(sentIn(world, stay.name))
  })
})
