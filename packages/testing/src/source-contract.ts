import type { MetricsSource } from '@model-canary/core/controller'
import { type ContractRunner, registerContract, type SkippedRule } from './contract.js'
import { playAt } from './contract-places.js'
import { countRules } from './source-contract/count-rules.js'
import { memberRules } from './source-contract/member-rules.js'
import type { MakeSourcePlace, SourcePlace } from './source-contract/place.js'
import { type PlaySource, sourceStage } from './source-contract/stage.js'

/** The rules of the contract. */
export type SourceRule = keyof ReturnType<typeof rulesFor>

export interface SourceContractOptions {
  /** The rules that do not hold for this source, each with its reason. */
  readonly skip?: readonly SkippedRule<SourceRule>[]
  /** How long an answer may take, in milliseconds. @default 4_000 */
  readonly patienceMs?: number
}

/**
 * The tests that every `MetricsSource` must pass: counts since the window opened that never fall, `'no-data'` before
 * the first, a rejection if counts cannot be read, and the same counts after a restart unless it says otherwise.
 *
 * `make` returns a place for each rule: a source, and the traffic that it counts.
 *
 * @example
 * import { it } from 'vitest'
 * sourceContract({ it }, 'my source', () => {
 *   const database = fakeDatabase()
 *   return {
 *     open: () => mySource(database),
 *     nextWindow: () => database.openWindow(),
 *     serve: (calls) => database.insert(calls),
 *     breakDown: () => database.stop(),
 *     hang: () => database.pause(),
 *   }
 * })
 */
export function sourceContract(
  runner: ContractRunner,
  name: string,
  make: MakeSourcePlace,
  { skip = [], patienceMs = 4_000 }: SourceContractOptions = {},
): void {
  const playPlace = playAt<MetricsSource, SourcePlace>({ make, patienceMs })
  const play: PlaySource = (act) => playPlace((stage) => act(sourceStage(stage)))
  registerContract<SourceRule>(runner, `${name} source contract`, rulesFor(play), skip)
}

function rulesFor(play: PlaySource) {
  return { ...countRules(play), ...memberRules(play) }
}
