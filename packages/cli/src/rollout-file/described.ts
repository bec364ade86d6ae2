import {
  abortRate,
  errorRate,
  type Guardrail,
  latency,
  type MetricOptions,
  metric,
  predictionShift,
  rejectedRate,
  type ScoreShiftOptions,
  scoreShift,
  tailLatency,
  timeoutRate,
  unansweredRate,
} from '@model-canary/core'
import { type Course, resolveCourse } from '@model-canary/core/controller'
import type { RolloutInFile } from './rollout-file.js'

const MAKERS: { readonly [Kind in Guardrail['kind']]: (options: object) => Guardrail } = {
  errorRate,
  timeoutRate,
  abortRate,
  rejectedRate,
  unansweredRate,
  latency,
  tailLatency,
  predictionShift,
  scoreShift: (options) => scoreShift(options as ScoreShiftOptions),
  metric: ({ metric: name = '', ...options }: { metric?: string }) => metric(name, options as MetricOptions),
}

/** The options of a rollout with every default. */
export interface DescribedRollout {
  readonly course: Course
  readonly guardrails: readonly Guardrail[]
  /** The name of the judge. */
  readonly judge: string
}

/** Returns the checked options of a file with every default. */
export function describeRollout({ guardrails, judge, ...course }: RolloutInFile): DescribedRollout {
  const { tripwire: _, ...rest } = course
  const usual = [errorRate(), latency(), unansweredRate(), rejectedRate()]
  return {
    course: resolveCourse(rest, judge),
    guardrails: guardrails?.map(({ kind, ...options }) => MAKERS[kind](options)) ?? usual,
    judge: judge?.name ?? 'evidence',
  }
}
