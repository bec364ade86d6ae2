import type { Decision } from '@model-canary/core'

/** Returns the decisions that changed something, without those to hold. */
export function turns(history: readonly Decision[]): readonly Decision[] {
  return history.filter(({ action }) => action !== 'hold')
}

/** "advance from 10 % to 25 %". */
export function moveOf({ action, weight, now }: Decision): string {
  if (action === 'start') return 'start'
  return weight === now.weight ? `${action} at ${now.weight} %` : `${action} from ${weight} % to ${now.weight} %`
}
