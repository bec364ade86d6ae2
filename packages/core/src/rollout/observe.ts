import type { Course } from './course.js'
import type { Effect, Transition } from './event.js'
import { calm, raise } from './hold.js'
import type { LiveState } from './state.js'

/** Returns the outcome of a judgement. In mode `observe` it is not applied, and a rollback becomes an alert. */
export function judged(state: LiveState, course: Course, outcome: Transition, at: number): Transition {
  if (course.mode === 'enforce') return outcome
  const [{ stalled }, effects] = outcome
  const said = effects.flatMap((effect): Effect[] => (effect.type === 'decided' ? [{ ...effect, applied: false }] : []))
  const alert = effects.find((effect) => effect.type === 'alert') ?? said.map(observedAlert).find((found) => found)
  const next: LiveState = { ...calm(state), stalled, waitingFor: null }
  const key = `observed-${alert?.about}`
  if (alert === undefined || next.alerts[key] !== undefined) return [next, said] // raised once per rollout
  const [told, alerts] = raise(next, alert.about, alert.message, at, course, key)
  return [told, [...said, ...alerts]]
}

/** Returns the alert about a rollback that mode `observe` does not apply. */
function observedAlert(effect: Effect): Extract<Effect, { type: 'alert' }> | undefined {
  if (effect.type !== 'decided' || effect.action !== 'rollback') return undefined
  return { type: 'alert', about: 'hold', message: `not rolled back, the mode is observe: ${effect.reason}` }
}
