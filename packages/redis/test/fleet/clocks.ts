import { shiftedClock } from '@model-canary/real-servers'
import { expect } from 'vitest'
import { failedIn } from './load.fixture.js'
import { historyOf } from './processes.fixture.js'
import { NEXT_LEADER_MS, type World } from './world.fixture.js'

const HOUR_MS = 3_600_000

/** The shortest step of the plan, in milliseconds, less what a report may take until it is told here. */
const SHORTEST_STEP_MS = 3_000 - 250

/** The leader's clock is an hour fast, and that of another process an hour slow. The leader is killed. */
export async function agreesWithClocksApart({ service, load, start, add, fence, nextLease }: World): Promise<void> {
  await start(1, { weights: [20, 50, 100], env: shiftedClock('+1h') })
  const fast = service.workers[0]!
  const slow = await add({ env: shiftedClock('-1h') })
  const others = [await add({ env: {} }), await add({ env: {} })]
  load.start(120)
  await service.states(({ weight }) => weight > 0)
  const aheadMs = (worker: typeof fast): number => worker.steps[0]!.at - Date.now()
  expect(aheadMs(fast)).toBeGreaterThan(HOUR_MS / 2)
  expect(aheadMs(slow)).toBeLessThan(-HOUR_MS / 2)
  expect(await service.leader()).toBe(fast)

  const before = (await fence())!
  fast.isServing = false
  await fast.end('SIGKILL')
  expect(await nextLease(before)).toBeLessThan(NEXT_LEADER_MS)
  await service.states(({ state, weight }) => state === 'promoted' && weight === 100)
  for (const { steps } of [slow, ...others]) {
    const [, ...lengths] = steps.map(({ at }, index) => at - (steps[index - 1]?.at ?? at))
    expect(steps.map(({ weight }) => weight)).toEqual([20, 50, 90, 100])
    expect(Math.min(...lengths.slice(0, 2))).toBeGreaterThan(SHORTEST_STEP_MS)
  }

  await slow.ask('rollback')
  await service.states(({ state, weight }) => state === 'rolled-back' && weight === 0)
  await load.stop()
  expect(failedIn(load)).toEqual([])
  const history = await historyOf(others[0]!)
  expect(history.map(({ sequence }) => sequence)).toEqual(history.map((_, at) => at + 1))
}
