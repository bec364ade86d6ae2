import { CanaryError, type Clock } from '@model-canary/core'
import { pause, pauseBeforeTry } from '@model-canary/foundation'
import type { KubeObject } from '../kube/kube.js'
import type { Mark } from './mark.js'
import type { RouteObject } from './route-object.js'
import { drifted } from './ruling.js'
import type { TakeUp } from './taken-up.js'

/** What a weight that was written is confirmed with. */
export interface Confirming {
  readonly route: RouteObject
  readonly clock: Clock
  /** Reads the gateways' status from the object; `undefined` if its kind has none. */
  readonly takeUp: ((object: KubeObject) => TakeUp) | undefined
}

/** How long the gateways may take to process a new weight, and the pauses between reads, in milliseconds. */
const TAKE_UP = { withinMs: 3_000, pauses: { firstMs: 400, longestMs: 400 } }

/** Reads the object back. Rejects unless it has the weight of the mark, and the gateways use it. */
export async function confirm(confirming: Confirming, mark: Mark, signal: AbortSignal): Promise<void> {
  const { route } = confirming
  const object = await route.get(signal)
  const { weight, problem } = route.splitIn(object)
  if (weight === mark.weight) return untilTakenUp(confirming, object, weight, signal)
  throw (
    problem ?? drifted(`${route.where}: ${mark.weight} % was written, but the canary has ${weight} % when read back`)
  )
}

/** Resolves once the gateways use an object that gives the canary a share. */
export async function untilTakenUp(
  { route, clock, takeUp }: Confirming,
  read: KubeObject,
  weight: number,
  signal: AbortSignal,
): Promise<void> {
  if (takeUp === undefined || weight === 0) return
  const startedAt = clock.elapsed()
  for (let object = read; ; object = await route.get(signal)) {
    const found = takeUp(object)
    if (found.kind === 'taken') return
    if (found.kind === 'refused' || clock.elapsed() - startedAt >= TAKE_UP.withinMs) {
      throw new CanaryError('ROUTE_NOT_READY', `${route.where} is not in force: ${found.detail}`)
    }
    await pause(clock, pauseBeforeTry(TAKE_UP.pauses, 0), signal, { keepAlive: true })
    signal.throwIfAborted()
  }
}
