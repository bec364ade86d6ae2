import type { LoopTurn } from '../runtime/loop-turn.js'

/** How many verbs are carried out before the event loop turns. */
const VERBS_IN_A_TURN = 10

/**
 * Returns a function that is called before each verb that can wait. It returns the turn of the event loop that the verb
 * waits for; `undefined` for none. Without turns, a listener that answers each decision with a verb, as with `retry()`
 * after a rollback, would let no request be served. While a turn is pending all verbs wait, so that they keep their order.
 */
export function createVerbTurns(turn: LoopTurn): () => Promise<void> | undefined {
  let verbs = 0
  let pending: Promise<void> | undefined
  return () => {
    verbs += 1
    if (verbs % VERBS_IN_A_TURN !== 0 || pending !== undefined) return pending
    pending = turn().then(() => {
      pending = undefined
    })
    return pending
  }
}
