import { equal } from 'node:assert/strict'
import type { StateStore } from '@model-canary/core/controller'
import { type ContractRules, type ContractRunner, registerContract, type SkippedRule } from './contract.js'
import { type PlayAt, playAt } from './contract-places.js'
import { collectRules } from './store-contract/collect-rules.js'
import { fencedRules } from './store-contract/fenced-rules.js'
import { followRules } from './store-contract/follow-rules.js'
import { historyRules } from './store-contract/history-rules.js'
import { leaseRules } from './store-contract/lease-rules.js'
import { memberRules } from './store-contract/member-rules.js'
import { type NoReportRule, noReportRules } from './store-contract/no-report-rules.js'
import type { MakeStorePlace, StorePlace } from './store-contract/place.js'
import { fencedPointsRules, pointsRules } from './store-contract/points-rules.js'
import { publishRules } from './store-contract/publish-rules.js'
import { writeRules } from './store-contract/write-rules.js'

/** The rules of the contract, those about a fleet included. */
export type StoreRule =
  | keyof ReturnType<typeof recordRules>
  | keyof ReturnType<typeof leaderRules>
  | keyof ReturnType<typeof reportRules>
  | keyof ReturnType<typeof pointsRules>
  | keyof ReturnType<typeof fencedPointsRules>
  | NoReportRule

export interface StoreContractOptions {
  /** The rules that do not hold for this store, each with its reason. */
  readonly skip?: readonly SkippedRule<StoreRule>[]
  /** How long an answer or a message may take, in milliseconds. @default 4_000 */
  readonly patienceMs?: number
  /** False for a store without a {@link StateStore.fleet}: the rules about leases and reports are left out. @default true */
  readonly hasFleet?: boolean
  /** False for a store whose fleet has leases alone: it must reject reports, and their rules are left out. @default true */
  readonly hasReports?: boolean
  /** False for a store without {@link StateStore.points}: the rules about them are left out. @default true */
  readonly hasPoints?: boolean
}

/**
 * The tests that every `StateStore` must pass: compare-and-set on tags, copies by JSON, one winner of many writers,
 * decisions that are appended once, followers, and, for a store with a fleet, the lease and the reports.
 *
 * `make` returns an empty place for each rule. A rule opens the store several times for several processes.
 *
 * @throws {CanaryError} `INVALID_OPTION` if `skip` names a rule that does not exist, or gives no reason.
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
  { skip = [], patienceMs = 4_000, hasFleet = true, hasReports = true, hasPoints = true }: StoreContractOptions = {},
): void {
  const play = playAt<StateStore, StorePlace>({ make, patienceMs, end: (store) => store.close() })
  const rules: Partial<ContractRules<StoreRule>> = {
    ...recordRules(play, hasFleet, hasPoints),
    ...(hasFleet && leaderRules(play)),
    ...(hasFleet && (hasReports ? reportRules(play) : noReportRules(play))),
    ...(hasPoints && pointsRules(play)),
    ...(hasPoints && hasFleet && fencedPointsRules(play)),
  }
  registerContract<StoreRule>(runner, `${name} store contract`, rules as ContractRules<StoreRule>, skip)
}

type Play = PlayAt<StateStore, StorePlace>

function recordRules(play: Play, hasFleet: boolean, hasPoints: boolean) {
  return {
    'has a fleet, unless the contract is told otherwise': play(async ({ open }) => {
      equal((await open()).fleet !== undefined, hasFleet, `the contract has the option hasFleet: ${hasFleet}`)
    }),
    'has points, unless the contract is told otherwise': play(async ({ open }) => {
      equal((await open()).points !== undefined, hasPoints, `the contract has the option hasPoints: ${hasPoints}`)
    }),
    ...writeRules(play),
    ...historyRules(play),
    ...followRules(play),
  }
}

const leaderRules = (play: Play) => ({ ...leaseRules(play), ...fencedRules(play) })

const reportRules = (play: Play) => ({ ...publishRules(play), ...collectRules(play), ...memberRules(play) })
