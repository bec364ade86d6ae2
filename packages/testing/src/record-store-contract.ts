import { equal } from 'node:assert/strict'
import type { RecordStore } from '@model-canary/core/controller'
import { type ContractRules, type ContractRunner, registerContract, type SkippedRule } from './contract.js'
import { type PlayAt, playAt } from './contract-places.js'
import { collectRules } from './record-store-contract/collect-rules.js'
import { fencedRules } from './record-store-contract/fenced-rules.js'
import { followRules } from './record-store-contract/follow-rules.js'
import { historyRules } from './record-store-contract/history-rules.js'
import { leaseRules } from './record-store-contract/lease-rules.js'
import { memberRules } from './record-store-contract/member-rules.js'
import type { MakeRecordStorePlace, RecordStorePlace } from './record-store-contract/place.js'
import { publishRules } from './record-store-contract/publish-rules.js'
import { writeRules } from './record-store-contract/write-rules.js'

/** The rules of the contract, those about a fleet included. */
export type RecordStoreRule = keyof ReturnType<typeof recordRules> | keyof ReturnType<typeof fleetRules>

export interface RecordStoreContractOptions {
  /** The rules that do not hold for this store, each with its reason. */
  readonly skip?: readonly SkippedRule<RecordStoreRule>[]
  /** How long an answer or a message may take, in milliseconds. @default 4_000 */
  readonly patienceMs?: number
  /** False for a store without a {@link RecordStore.fleet}: the rules about leases and reports are left out. @default true */
  readonly hasFleet?: boolean
}

/**
 * The tests that every `RecordStore` must pass: compare-and-set on tags, copies by JSON, one winner of many writers,
 * decisions that are appended once, followers, and, for a store with a fleet, the lease and the reports.
 *
 * `make` returns an empty place for each rule. A rule opens the store several times for several processes.
 *
 * @throws {CanaryError} `INVALID_OPTION` if `skip` names a rule that does not exist, or gives no reason.
 * @example
 * import { it } from 'vitest'
 * recordStoreContract({ it }, 'my store', async () => {
 *   const folder = await mkdtemp(join(tmpdir(), 'store-'))
 *   return { open: () => myStore(folder), close: () => rm(folder, { recursive: true }) }
 * })
 */
export function recordStoreContract(
  runner: ContractRunner,
  name: string,
  make: MakeRecordStorePlace,
  { skip = [], patienceMs = 4_000, hasFleet = true }: RecordStoreContractOptions = {},
): void {
  const play = playAt<RecordStore, RecordStorePlace>({ make, patienceMs, end: (store) => store.close() })
  const rules: Partial<ContractRules<RecordStoreRule>> = {
    ...recordRules(play, hasFleet),
    ...(hasFleet && fleetRules(play)),
  }
  registerContract<RecordStoreRule>(runner, `${name} store contract`, rules as ContractRules<RecordStoreRule>, skip)
}

type Play = PlayAt<RecordStore, RecordStorePlace>

function recordRules(play: Play, hasFleet: boolean) {
  return {
    'has a fleet, unless the contract is told otherwise': play(async ({ open }) => {
      equal((await open()).fleet !== undefined, hasFleet, `the contract has the option hasFleet: ${hasFleet}`)
    }),
    ...writeRules(play),
    ...historyRules(play),
    ...followRules(play),
  }
}

function fleetRules(play: Play) {
  return {
    ...leaseRules(play),
    ...fencedRules(play),
    ...publishRules(play),
    ...collectRules(play),
    ...memberRules(play),
  }
}
