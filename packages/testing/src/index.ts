// The public surface, in sections.

// simulation
export type { Behaviour, CallContext, SimulatedCall, Version } from './behaviour.js'
// contracts
export type { ContractRunner, RegisterTest, SkippedRule } from './contract.js'
// clock and chance
export { type ManualClock, type ManualClockOptions, manualClock } from './manual-clock.js'
export { seededRandom } from './seeded-random.js'
export { type SimulateOptions, type Simulation, simulate } from './simulate.js'
export {
  type MakeStrategy,
  type StrategyContractOptions,
  type StrategyRule,
  strategyContract,
} from './strategy-contract.js'
export { type UserKeysOptions, userKeys } from './user-keys.js'
