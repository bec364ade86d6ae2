import { CanaryError } from '../foundation/errors.js'
import type { FallbackInput } from './fallback-input.js'
import type { ServedModels } from './model-context.js'
import type { GivenCall } from './watch-output.js'

/** One call under way: what its ends need to know. */
export interface ServedCall extends GivenCall {
  readonly models: ServedModels
  /** When the model was called, on the clock's `elapsed` scale, in milliseconds. */
  readonly startedAt: number
  /** For how long it blocked the event loop then, in milliseconds. */
  blockedMs: number
  /** The input as the baseline would get it; only for a canary call with `fallback`. */
  readonly spare: FallbackInput | undefined
  readonly self: unknown
}

/** Returns the error of a call whose time is up. */
export const tooLate = ({ flight, options }: ServedCall): CanaryError =>
  Object.assign(
    new CanaryError('MODEL_TIMEOUT', `${flight.answeredBy} took longer than ${options.timeoutMs} ms`),
    GATEWAY_TIMEOUT,
  )

/** Returns the error of a stream that was silent for too long. */
export const tooSilent = ({ flight, options }: ServedCall): CanaryError =>
  new CanaryError(
    'MODEL_TIMEOUT',
    `the stream of ${flight.answeredBy} was silent for longer than ${options.firstChunkTimeoutMs} ms`,
  )

/** What frameworks answer with where the error reaches them. */
const GATEWAY_TIMEOUT = { status: 504, statusCode: 504 }
