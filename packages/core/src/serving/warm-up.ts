import { CanaryError } from '../foundation/errors.js'
import { messageOf } from '../foundation/message-of.js'
import { type Defaults, numberWithin, refuseUnknown, wholeNumber } from '../foundation/options.js'
import type { Clock } from '../runtime/clock.js'
import { withDeadline } from '../runtime/deadline.js'

/** Sample inputs that the canary of a process must answer before its first real request. */
export interface WarmUpInputs<Input extends unknown[]> {
  /** One array of arguments for each call. */
  readonly inputs: readonly Input[]
  /** The number of concurrent calls. @default 1 */
  readonly concurrency?: number
  /** The time limit of each call, in milliseconds. @default 30_000 */
  readonly timeoutMs?: number
}

/** What an option is if it is not given. */
const WARM_UP_INPUTS_DEFAULTS = { concurrency: 1, timeoutMs: 30_000 } as const satisfies Defaults<WarmUpInputs<never>>

/** A task that warms this process's canary; a rejection is a failure of the canary. */
export type WarmUpTask = () => Promise<void>

/** The warm-ups of one process. */
export interface WarmUps {
  /** Whether all added tasks have succeeded. */
  readonly isWarm: boolean
  /** Whether the latest run has failed. */
  readonly hasFailed: boolean
  add(task: WarmUpTask): void
  /** Runs the tasks that have not succeeded yet. Rejects with `WARM_UP_FAILED`. */
  run(): Promise<void>
}

/** Creates the warm-ups of one process, for all its rollouts. `onChange` is called when it becomes warm or cold. */
export function createWarmUps(onChange: () => void): WarmUps {
  const left = new Set<WarmUpTask>()
  let hasFailed = false
  return {
    get isWarm() {
      return left.size === 0
    },
    get hasFailed() {
      return hasFailed
    },
    add(task) {
      left.add(task)
      onChange()
    },
    async run() {
      hasFailed = false
      try {
        for (const task of left) {
          await task()
          left.delete(task)
        }
      } catch (cause) {
        hasFailed = true
        throw cause
      }
      onChange()
    },
  }
}

/** Returns a task that calls the canary with each of the sample inputs. */
export function warmUpWith<Input extends unknown[]>(
  model: (input: Input, signal: AbortSignal) => unknown,
  options: WarmUpInputs<Input>,
  clock: Clock,
): WarmUpTask {
  refuseUnknown('warmUp', options, { inputs: 1, concurrency: 1, timeoutMs: 1 })
  const {
    inputs,
    concurrency = WARM_UP_INPUTS_DEFAULTS.concurrency,
    timeoutMs = WARM_UP_INPUTS_DEFAULTS.timeoutMs,
  } = options
  if (!Array.isArray(inputs) || inputs.some((input) => !Array.isArray(input)))
    throw new CanaryError('INVALID_OPTION', 'warmUp: inputs must be an array with an array of arguments for each call')
  wholeNumber('warmUp: concurrency', concurrency, 1, 1_000)
  numberWithin('warmUp: timeoutMs', timeoutMs, 1, Number.MAX_VALUE)

  return async () => {
    const entries = inputs.entries() // shared by the workers: each takes the next input when it is free
    let hasFailed = false
    const work = async () => {
      for (const [index, input] of entries) {
        if (hasFailed) return
        try {
          await withDeadline(clock, timeoutMs, async (signal) => drain(await model(input, signal), signal))
        } catch (cause) {
          hasFailed = true
          const at = `input ${index + 1} of ${inputs.length}`
          throw new CanaryError('WARM_UP_FAILED', `${at}: ${messageOf(cause)}`, { cause })
        }
      }
    }
    await Promise.all(Array.from({ length: concurrency }, work))
  }
}

/** Reads a stream to its end, so that the model does all its work. */
async function drain(output: unknown, signal: AbortSignal): Promise<void> {
  if (typeof output !== 'object' || output === null || !(Symbol.asyncIterator in output)) return
  for await (const _chunk of output as AsyncIterable<unknown>) if (signal.aborted) return
}
