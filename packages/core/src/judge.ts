// For judging: the contract of a judge, the judges, the shapes of guardrails, the counts that are judged, and the
// recorder that makes them. Nothing here acts. Every export is named here.

// guardrails

export type { AnswerLines } from './guardrails/answer-lines.js'
export type { Unit } from './guardrails/figures.js'
export type { GuardrailBase, Severity } from './guardrails/guardrail-options.js'
export type { LatencyGuardrail } from './guardrails/kinds/latency.js'
export type { MetricGuardrail } from './guardrails/kinds/metric.js'
export type { PredictionShiftGuardrail } from './guardrails/kinds/prediction-shift.js'
export type { RateGuardrail } from './guardrails/kinds/rate.js'
export type { ScoreShiftGuardrail } from './guardrails/kinds/score-shift.js'
export type { TailLatencyGuardrail } from './guardrails/kinds/tail-latency.js'
export type { UnansweredRateGuardrail } from './guardrails/kinds/unanswered-rate.js'

// judges

export type { EvidenceJudgeOptions } from './judging/evidence/policy.js'
export { evidenceJudge } from './judging/evidence-judge.js'
export { explain } from './judging/explain.js'
export type {
  Block,
  Calibration,
  Check,
  CheckEvidence,
  Distances,
  FrozenFor,
  Judge,
  KeptUsers,
  Missing,
  Phase,
  StepContext,
  Verdict,
} from './judging/judge.js'
export { type JudgeOnceOptions, judgeOnce } from './judging/judge-once.js'
export { type ThresholdJudgeOptions, thresholdJudge } from './judging/threshold-judge.js'
export type { Tripwire } from './recorder/tripwire.js'

// counting

export { createRecorder } from './recorder/recorder.js'
export type { Recorder } from './recorder/recorder-contract.js'
export type { RecorderOptions } from './recorder/recorder-options.js'

// counts

export type { AnswerCounts } from './summaries/answer-counts.js'
export type { Clusters } from './summaries/clusters.js'
export type { CountsByPlace } from './summaries/counts-by-place.js'
export { binHigh, binLow, binMiddle, binOf, type SparseBins } from './summaries/histogram.js'
export type { MetricsWindow } from './summaries/metrics-window.js'
export { readSummary } from './summaries/read-summary.js'
export type { SortedPairs } from './summaries/sorted-pairs.js'
export type { Strata, StrataForm, ValuesByStratum } from './summaries/strata.js'
export {
  emptySummary,
  mergeSummaries,
  type PredictionCounts,
  type RejectionCounts,
  type Summary,
  subtractSummaries,
} from './summaries/summary.js'
export { versionMetricsOf } from './summaries/version-metrics.js'

// statistics

export type { Moments } from './statistics/moments.js'
export type { SignificanceTest } from './statistics/significance.js'
export { type WelchTestOptions, welchTest } from './statistics/welch-test.js'

// the rollout

export { replayTurn } from './rollout/analyze.js'
export type { Counts } from './rollout/counts.js'
export type { Turn } from './rollout/turn.js'
