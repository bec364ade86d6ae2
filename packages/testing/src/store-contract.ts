import type { StateStore } from '@model-canary/core/controller'
import { type ContractRunner, registerContract, type SkippedRule } from './contract.js'
import { type PlayAt, playAt } from './contract-places.js'
import type { MakeStorePlace, StorePlace } from './store-contract/place.js'
import { subscribeRules } from './store-contract/subscribe-rules.js'
import { writeRules } from './store-contract/write-rules.js'

/** The rules of the contract. */
export type StoreRule = keyof ReturnType<typeof rulesFor>

export interface StoreContractOptions {
  /** The rules that do not hold for this store, each with its reason. */
  readonly skip?: readonly SkippedRule<StoreRule>[]
  /** How long an answer or a message may take, in milliseconds. @default 4_000 */
  readonly patienceMs?: number
}

/**
 * The tests that every `StateStore` must pass: compare-and-set, copies by JSON, one winner of many writers, and
 * subscriptions that end.
 *
 * `make` returns an empty place for each rule. A rule opens the store twice for two processes.
 *
 * @example
 * import { it } from 'vitest'
 * storeContract({ it }, 'my store', async () => {
 *   const folder = await mkdtemp(join(tmpdir(), 'store-'))
 *   return { open: () => myStore(folder), close: () => rm(folder, { recursive: true }) }
 * })
 */
export function storeContract(
  runner: ContractRunner,
  name: string,
  make: MakeStorePlace,
  { skip = [], patienceMs = 4_000 }: StoreContractOptions = {},
): void {
  const play = playAt<StateStore, StorePlace>({ make, patienceMs, end: (store) => store.close() })
  registerContract<StoreRule>(runner, `${name} store contract`, rulesFor(play), skip)
}

function rulesFor(play: PlayAt<StateStore, StorePlace>) {
  return { ...writeRules(play), ...subscribeRules(play) }
}
