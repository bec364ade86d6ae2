// The public surface, in sections.

// contracts
export type { ContractRunner, RegisterTest, SkippedRule } from './contract.js'
// clock and chance
export { type ManualClock, type ManualClockOptions, manualClock } from './manual-clock.js'
export { seededRandom } from './seeded-random.js'
export {
  type MakeStrategy,
  type StrategyContractOptions,
  type StrategyRule,
  strategyContract,
} from './strategy-contract.js'
