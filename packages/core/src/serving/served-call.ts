import { CanaryError } from '../foundation/errors.js'
import type { FallbackInput } from './fallback-input.js'
import type { ServedModels } from './model-context.js'
import type { GivenCall } from './watch-output.js'

/** A pending call, with the data that is needed when it ends. */
export interface ServedCall extends GivenCall {
  readonly models: ServedModels
  /** When the model was called, on the clock's `elapsed` scale, in milliseconds. */
  readonly startedAt: number
  /** How long it then blocked the event loop, in milliseconds. */
  blockedMs: number
  /** The input for the baseline; only for a canary call with `fallback`. */
  readonly spare: FallbackInput | undefined
  readonly self: unknown
}

/** Returns the error of a call that exceeded `timeoutMs`. */
export const tooLate = ({ flight, options }: ServedCall): CanaryError =>
  timeout(`${flight.answeredBy} took longer than ${options.timeoutMs} ms`)

/** Returns the error of a stream that exceeded `firstChunkTimeoutMs`. */
export const tooSilent = ({ flight, options }: ServedCall): CanaryError =>
  timeout(`the stream of ${flight.answeredBy} was silent for longer than ${options.firstChunkTimeoutMs} ms`)

/** The status with which frameworks answer if the error reaches them. */
const GATEWAY_TIMEOUT = { status: 504, statusCode: 504 }

const timeout = (detail: string): CanaryError =>
  Object.assign(new CanaryError('MODEL_TIMEOUT', detail), GATEWAY_TIMEOUT)
