import { CanaryError } from '../foundation/errors.js'
import type { ServedCall } from './served-call.js'
import { isAsyncIterable } from './streams/async-iterable.js'
import { isObservable } from './streams/observable.js'
import { isResponse } from './streams/response.js'
import { isSyncIterator } from './streams/sync-iterator.js'

/**
 * Returns the function that reports options which end when an output is returned, because the output cannot be replaced
 * before its first chunk. It reports once per kind of output.
 */
export function createUnreplacedReport(
  report: (error: CanaryError) => void,
): (call: ServedCall, output: unknown) => void {
  const told = new Set<string>()
  return ({ flight, options, spare }, output) => {
    const kind = kindOf(output)
    if (told.has(kind)) return
    told.add(kind)
    const names = [...(spare ? ['fallback'] : []), ...(options.firstChunkTimeoutMs ? ['firstChunkTimeoutMs'] : [])]
    const detail = `${names.join(', ')}: no effect on ${kind} once ${flight.version} has returned it`
    const advice = 'return an async iterable, a web stream or a Node stream for that'
    report(new CanaryError('OPTION_IGNORED', `${detail}, also if it fails before its first chunk; ${advice}`))
  }
}

/** Returns the words for an output that is watched, and is not a stream that can be replaced. */
function kindOf(output: unknown): string {
  if (typeof output === 'object' && output !== null) {
    if (isResponse(output)) return 'the body of a Response'
    if (isAsyncIterable(output)) return 'a stream helper that reads by itself'
    if (isObservable(output)) return 'an observable'
    if (isSyncIterator(output)) return 'a generator'
  }
  return 'an output that is not a stream itself'
}
