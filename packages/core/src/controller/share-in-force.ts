import type { InForce } from '../rollout/status.js'
import type { Clock } from '../runtime/clock.js'

/** The canary's share that is known to be in force, and since when. */
export interface ShareInForce {
  /** `null` if it is not known. */
  readonly value: InForce | null
  put(weight: number): InForce
  forget(): void
}

/** Creates it with this share; `null` if it is not known. */
export function createShareInForce(clock: Clock, weight: number | null): ShareInForce {
  let value = weight === null ? null : { weight, since: clock.now() }
  return {
    get value() {
      return value
    },
    put(weight) {
      value = value?.weight === weight ? value : { weight, since: clock.now() }
      return value
    },
    forget() {
      value = null
    },
  }
}
