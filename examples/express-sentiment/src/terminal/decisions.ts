import type { Decision } from '@model-canary/core'

/** Decisions that changed something: not those to stay where it is. */
export function turns(history: readonly Decision[]): readonly Decision[] {
  return history.filter(({ action }) => action !== 'hold')
}

/** "advance from 10 % to 25 %". */
export function moveOf({ action, weight, now }: Decision): string {
  if (action === 'start') return 'start'
  return weight === now.weight ? `${action} at ${now.weight} %` : `${action} from ${weight} % to ${now.weight} %`
}
