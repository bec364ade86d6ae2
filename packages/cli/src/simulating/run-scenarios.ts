import type { RolloutOutcome } from '@model-canary/testing'
import type { World } from '../world.js'
import { localRunner, type Runner, type SimulationInput, threadRunner } from './runner.js'

/** The options of {@link runScenarios}. */
export interface RunScenariosOptions {
  readonly input: SimulationInput
  /** How many scenarios there are. */
  readonly scenarios: number
  /** How many rollouts of each. */
  readonly replications: number
  readonly seed: number
  /** No rollout is begun later, in milliseconds from now. */
  readonly withinMs: number
  readonly threads: number
  readonly world: Pick<World, 'clock' | 'interrupted' | 'workerUrl'>
  /** Called with the share of the work that is done. */
  readonly onProgress: (share: number) => void
}

/**
 * Simulates each scenario with the same seeds, in several threads. Returns the outcomes of each scenario, by seed; as
 * many of each as have been finished of all.
 */
export async function runScenarios(options: RunScenariosOptions): Promise<readonly (readonly RolloutOutcome[])[]> {
  const { input, scenarios, replications, seed, withinMs, threads, world, onProgress } = options
  const { clock, interrupted, workerUrl } = world
  const endMs = clock.elapsed() + withinMs
  const total = scenarios * replications
  const outcomes: RolloutOutcome[] = []
  let next = 0
  let finished = 0
  const isOver = (): boolean => next >= total || interrupted.aborted || (next >= scenarios && clock.elapsed() >= endMs)
  const lane = async (runner: Runner): Promise<void> => {
    while (!isOver()) {
      const at = next++
      outcomes[at] = await runner.run({ scenario: at % scenarios, seed: seed + Math.floor(at / scenarios) })
      finished += 1
      onProgress(Math.max(finished / total, Math.min(1, 1 - (endMs - clock.elapsed()) / withinMs)))
    }
  }
  const runners =
    workerUrl === undefined || threads <= 1
      ? [localRunner(input)]
      : Array.from({ length: Math.min(threads, total) }, () => threadRunner(workerUrl, input))
  const close = () => Promise.all(runners.map((runner) => runner.close()))
  interrupted.addEventListener('abort', close, { once: true })
  try {
    await Promise.all(runners.map(lane))
  } finally {
    interrupted.removeEventListener('abort', close)
    await close()
  }
  const whole = Math.floor(outcomes.length / scenarios)
  return Array.from({ length: scenarios }, (_, scenario) =>
    Array.from({ length: whole }, (_, replication) => outcomes[replication * scenarios + scenario]!),
  )
}
