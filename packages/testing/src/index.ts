// The public surface, in sections.

export type {
  AdapterAnswer,
  AdapterHarness,
  AdapterRoute,
  AdapterService,
  AdapterSetup,
  AnyRequest,
  Exchange,
  MountAdapter,
  MountedCanary,
  MountedRoutes,
  NestedRouter,
} from './adapter-contract/setup.js'
// contract of adapters
export { type AdapterContractOptions, type AdapterRule, adapterContract } from './adapter-contract.js'
// simulation
export type { Behaviour, CallContext, SimulatedCall, Version } from './behaviour.js'
// contracts
export type { ContractRunner, RegisterTest, SkippedRule } from './contract.js'
// a Kubernetes API server
export type { FakeFailure } from './fake-kube-api/failures.js'
export type { FakeMetadata, FakeObject } from './fake-kube-api/object.js'
export type { FakeKubeApiOptions, FakeKubeTls } from './fake-kube-api/options.js'
export type { FakeResource } from './fake-kube-api/resource.js'
export type { FakeRole } from './fake-kube-api/roles.js'
export type { FakeSchema } from './fake-kube-api/schema.js'
export type { FakeRequest } from './fake-kube-api/serve.js'
export { type FakeKubeApi, fakeKubeApi } from './fake-kube-api.js'
export type { ConnectKubeApi, KubeApiServer } from './kube-api-contract/server.js'
export { type KubeApiContractOptions, type KubeApiRule, kubeApiContract } from './kube-api-contract.js'
// clock and randomness
export { type ManualClock, type ManualClockOptions, manualClock } from './manual-clock.js'
export type { Quantiles } from './quantiles.js'
export { type RecordedRequest, type Replay, type ReplayOptions, replayRequests } from './replay-requests.js'
export { outcomeOf, type RolloutOutcome } from './rollout-outcome.js'
export { seededRandom } from './seeded-random.js'
export type { Share } from './share.js'
export { type Simulation, simulate } from './simulate.js'
export type { SimulateOptions } from './simulate-options.js'
export { type RolloutsProgress, type SimulateRolloutsOptions, simulateRollouts } from './simulate-rollouts.js'
export { type RollbackReason, type SimulatedRollouts, summarizeRollouts } from './simulated-rollouts.js'
export type { MakeSourcePlace, ServedCalls, SourcePlace } from './source-contract/place.js'
export { type SourceContractOptions, type SourceRule, sourceContract } from './source-contract.js'
export type { MakeStorePlace, StorePlace } from './store-contract/place.js'
export { type StoreContractOptions, type StoreRule, storeContract } from './store-contract.js'
export {
  type MakeStrategy,
  type StrategyContractOptions,
  type StrategyRule,
  strategyContract,
} from './strategy-contract.js'
export type { MakeTargetPlace, TargetPlace } from './target-contract/place.js'
export { type TargetContractOptions, type TargetRule, targetContract } from './target-contract.js'
export { type UserKeysOptions, userKeys } from './user-keys.js'
