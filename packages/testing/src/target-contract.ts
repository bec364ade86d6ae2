import type { Target } from '@model-canary/core/controller'
import { type ContractRunner, registerContract, type SkippedRule } from './contract.js'
import { playAt } from './contract-places.js'
import { applyRules } from './target-contract/apply-rules.js'
import { driftRules } from './target-contract/drift-rules.js'
import type { MakeTargetPlace, TargetPlace } from './target-contract/place.js'
import { createSplits } from './target-contract/splits.js'
import { type PlayTarget, targetStage } from './target-contract/stage.js'

/** The rules of the contract. */
export type TargetRule = keyof ReturnType<typeof rulesFor>

export interface TargetContractOptions {
  /** The rules that do not hold for this target, each with its reason. */
  readonly skip?: readonly SkippedRule<TargetRule>[]
  /** How long an answer or a message may take, in milliseconds. @default 4_000 */
  readonly patienceMs?: number
}

/**
 * The tests that every `Target` must pass: a share is in force once `apply` resolves, older epochs and
 * increases of earlier leaders are rejected, less canary is always taken, signals are honoured, and a share that
 * another writer has set is reported.
 *
 * `make` returns a place for each rule, in which the canary's share is 0. A rule opens the target twice for two
 * processes.
 *
 * @example
 * import { it } from 'vitest'
 * targetContract({ it }, 'my target', async () => {
 *   const balancer = await startBalancer()
 *   return { open: () => myTarget(balancer.url), weight: () => balancer.weight('canary'), close: () => balancer.close() }
 * }, { skip: [{ test: 'tells nothing after a watch has ended', reason: 'it has no watch' }] })
 */
export function targetContract(
  runner: ContractRunner,
  name: string,
  make: MakeTargetPlace,
  { skip = [], patienceMs = 4_000 }: TargetContractOptions = {},
): void {
  const playPlace = playAt<Target, TargetPlace>({ make, patienceMs })
  const play: PlayTarget = (act) => playPlace((stage) => act(targetStage(stage, createSplits())))
  registerContract<TargetRule>(runner, `${name} target contract`, rulesFor(play), skip)
}

function rulesFor(play: PlayTarget) {
  return { ...applyRules(play), ...driftRules(play) }
}
