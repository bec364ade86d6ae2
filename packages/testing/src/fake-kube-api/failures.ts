import { duration, numberWithin, optionalFunction, refuseUnknown } from '@model-canary/foundation'
import { refusal } from '../refusal.js'

/** What happens to the next matching requests. */
export interface FakeFailure {
  /** How many requests. @default 1 */
  readonly times?: number
  /** Only requests of this method. @default any */
  readonly method?: string
  /** Only requests whose path, with its query, matches. @default any */
  readonly path?: RegExp
  /** The answer's status. Without it, the request is answered normally, after `before` and `delayMs`. */
  readonly status?: number
  readonly message?: string
  /** A body that is not a Status, such as the page of a proxy. */
  readonly text?: string
  /** The Retry-After header, in seconds. */
  readonly retryAfterS?: number
  /** How long the request waits, in milliseconds. */
  readonly delayMs?: number
  /**
   * `true` cuts the connection at once; `'answer'` after the request was carried out, so that only its answer is lost.
   */
  readonly cut?: boolean | 'answer'
  /** Runs before everything else, such as a write that comes first. */
  readonly before?: () => void
}

/** The failures that have not matched a request yet. */
export interface Failures {
  add(failure: FakeFailure): void
  /** Returns and uses up the first failure that matches a request. */
  take(method: string, path: string): FakeFailure | undefined
}

/** Makes an empty list of failures. */
export function createFailures(): Failures {
  let waiting: readonly { readonly failure: FakeFailure; readonly left: number }[] = []

  return {
    add(failure) {
      waiting = [...waiting, { failure: checked(failure), left: failure.times ?? 1 }]
    },
    take(method, path) {
      const met = waiting.find(({ failure }) => matches(failure, method, path))
      if (met === undefined) return undefined
      const rest = met.left > 1 ? [{ ...met, left: met.left - 1 }] : []
      waiting = waiting.flatMap((entry) => (entry === met ? rest : [entry]))
      return met.failure
    },
  }
}

/** Does not use `test`, because a global pattern keeps its position. */
const matches = (failure: FakeFailure, method: string, path: string): boolean =>
  (failure.method === undefined || failure.method === method) &&
  (failure.path === undefined || path.search(failure.path) >= 0)

function checked(failure: FakeFailure): FakeFailure {
  refuseUnknown('fail', failure, {
    times: 1,
    method: 1,
    path: 1,
    status: 1,
    message: 1,
    text: 1,
    retryAfterS: 1,
    delayMs: 1,
    cut: 1,
    before: 1,
  })
  const { times = 1, status = 500, delayMs = 0, retryAfterS = 0, path, before } = failure
  numberWithin('fail: times', times, 1, Number.MAX_VALUE)
  numberWithin('fail: status', status, 200, 599)
  duration('fail: delayMs', delayMs)
  numberWithin('fail: retryAfterS', retryAfterS, 0, Number.MAX_VALUE)
  optionalFunction('fail: before', before)
  if (path !== undefined && !(path instanceof RegExp)) throw refusal('fail: path is a regular expression')
  return failure
}
