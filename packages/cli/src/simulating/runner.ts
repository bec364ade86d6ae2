import { Worker } from 'node:worker_threads'
import { outcomeOf, type RolloutOutcome, simulate } from '@model-canary/testing'
import { readRolloutFile } from '../rollout-file/rollout-file.js'
import { type Scenario, scenariosOf } from './scenarios.js'
import type { Traffic } from './traffic.js'

/** One rollout to be simulated. */
export interface Job {
  /** The position of the scenario. */
  readonly scenario: number
  readonly seed: number
}

/** What a thread needs to make the scenarios of its own: functions cannot be sent to it. */
export interface SimulationInput {
  readonly path: string
  readonly file: Readonly<Record<string, unknown>>
  readonly traffic: Traffic
}

/** Simulates one rollout after the other. */
export interface Runner {
  run(job: Job): Promise<RolloutOutcome>
  close(): Promise<unknown>
}

/** Returns the scenarios of an input. */
export const scenariosIn = ({ path, file, traffic }: SimulationInput): readonly Scenario[] =>
  scenariosOf(readRolloutFile(path, file).rollout, traffic)

/** Simulates one rollout in this thread. */
export const runJob = async (scenarios: readonly Scenario[], { scenario, seed }: Job): Promise<RolloutOutcome> =>
  outcomeOf(await simulate({ ...scenarios[scenario]!.options, seed }))

/** Creates a runner in this thread. */
export function localRunner(input: SimulationInput): Runner {
  const scenarios = scenariosIn(input)
  return { run: (job) => runJob(scenarios, job), close: async () => {} }
}

/** Creates a runner in a thread of its own, which runs the program at this address. */
export function threadRunner(url: URL, input: SimulationInput): Runner {
  const worker = new Worker(url, { workerData: input })
  let waiting: { readonly resolve: (outcome: RolloutOutcome) => void; readonly reject: (error: Error) => void }
  let failed: Error | undefined
  const fail = (error: Error): void => {
    failed ??= error
    waiting?.reject(failed)
  }
  worker.on('message', (outcome: RolloutOutcome) => waiting.resolve(outcome))
  worker.on('error', fail)
  worker.on('exit', () => fail(new Error('a thread ended before its rollout')))
  return {
    run: (job) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject }
        if (failed !== undefined) return reject(failed)
        worker.postMessage(job)
      }),
    close: () => worker.terminate(),
  }
}
