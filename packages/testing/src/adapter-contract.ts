import { abortRules } from './adapter-contract/abort-rules.js'
import { endingRules } from './adapter-contract/ending-rules.js'
import { errorRules } from './adapter-contract/error-rules.js'
import { headerRules } from './adapter-contract/header-rules.js'
import { hostileRules } from './adapter-contract/hostile-rules.js'
import { keyRules } from './adapter-contract/key-rules.js'
import { lazinessRules } from './adapter-contract/laziness-rules.js'
import { operatedRules } from './adapter-contract/operated-rules.js'
import { outcomeRules } from './adapter-contract/outcome-rules.js'
import { createPatience } from './adapter-contract/patience.js'
import type { Play } from './adapter-contract/play.js'
import type { AdapterService, MountAdapter } from './adapter-contract/setup.js'
import { severalRules } from './adapter-contract/several-rules.js'
import { createStage } from './adapter-contract/stage.js'
import { streamRules } from './adapter-contract/stream-rules.js'
import { type ContractRunner, registerContract, type SkippedRule } from './contract.js'

/** The rules of the contract. */
export type AdapterRule = keyof ReturnType<typeof rulesFor>

export interface AdapterContractOptions {
  /** The rules that do not hold for this adapter, each with its reason. */
  readonly skip?: readonly SkippedRule<AdapterRule>[]
  /** A service with the adapter, for the rule that its process ends by itself. */
  readonly service?: AdapterService
  /** How long to wait for a condition, in milliseconds. @default 4_000 */
  readonly patienceMs?: number
}

/**
 * The tests that every adapter for an HTTP framework must pass, over real sockets.
 *
 * `mount` builds an app of the framework from the setup that a rule asks for. Nothing sleeps: every rule waits
 * for conditions, and a condition that is not met within `patienceMs` fails with its name.
 *
 * @example
 * import { test } from 'vitest'
 * adapterContract({ test }, 'my framework', (setup) => mountMyFramework(setup), { service: { script: 'service.mjs' } })
 */
export function adapterContract(
  runner: ContractRunner,
  name: string,
  mount: MountAdapter,
  { skip = [], service, patienceMs = 4_000 }: AdapterContractOptions = {},
): void {
  const play: Play = (act) => async () => {
    const stage = createStage(mount, createPatience(patienceMs))
    try {
      await act(stage)
    } finally {
      await stage.close()
    }
  }
  registerContract<AdapterRule>(runner, `${name} adapter contract`, rulesFor(play, service), skip)
}

function rulesFor(play: Play, service: AdapterService | undefined) {
  return {
    ...lazinessRules(play),
    ...outcomeRules(play),
    ...abortRules(play),
    ...streamRules(play),
    ...severalRules(play),
    ...keyRules(play),
    ...headerRules(play),
    ...errorRules(play),
    ...operatedRules(play),
    ...hostileRules(play),
    ...endingRules(play, service),
  }
}
