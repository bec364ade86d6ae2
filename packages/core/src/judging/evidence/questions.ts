import type {
  Guardrail,
  MetricGuardrail,
  PredictionShiftGuardrail,
  TailLatencyGuardrail,
} from '../../guardrails/guardrail.js'
import { CLASS_HARMS, LIMIT_HARMS, MEAN_HARMS, RATE_HARMS } from '../../statistics/alternatives.js'
import { binOf } from '../../summaries/histogram.js'
import type { Frozen } from './freeze.js'
import type { Question, Side } from './question.js'

/** The part of a guardrail's evidence that an absolute limit gets, and that hung flights of a warm-up get. */
const LIMIT_PART = 0.2
const HUNG_PART = 0.2

const US_PER_MS = 1_000

/** A mean that is held against a limit is taken of latencies up to so many times that limit at least. */
const LIMIT_CAP = 3

/** The shares that are expected before anything has been seen. */
const ERROR_PRIOR = 0.01
const OTHER_PRIOR = 0.01

/** The part of the evidence on predictions that all other classes together get: they are rare, or new. */
const OTHER_PART = 0.1

type Plain = Omit<Question, 'weight' | 'limit' | 'asked' | 'id'> & Partial<Pick<Question, 'limit' | 'asked' | 'id'>>

/** Thresholds stand for a whole rollout, and so do the questions: they are put together once. */
const known = new WeakMap<Frozen, { readonly guardrail: Guardrail; readonly questions: readonly Question[] }>()

/** The questions that a guardrail comes down to. Until its thresholds are frozen there are none. */
export function questionsOf(guardrail: Guardrail, frozen: Frozen | null): readonly Question[] {
  if (frozen === null) return []
  const made = known.get(frozen)
  if (made?.guardrail === guardrail) return made.questions
  const questions = makeQuestions(guardrail, frozen)
  known.set(frozen, { guardrail, questions })
  return questions
}

function makeQuestions(guardrail: Guardrail, frozen: Frozen): readonly Question[] {
  switch (guardrail.kind) {
    case 'errorRate':
    case 'timeoutRate':
    case 'abortRate':
    case 'rejectedRate':
    case 'unansweredRate': {
      const { kind, margin, limit } = guardrail
      return withLimit(guardrail, limit, {
        form: 'share',
        subject: { kind },
        sides: ['rise'],
        margin,
        prior: ERROR_PRIOR,
        harms: RATE_HARMS,
      })
    }
    case 'latency': {
      const subject = { kind: 'latency', capMs: frozen.kind === 'latency' ? frozen.capMs : Number.MAX_VALUE } as const
      const { marginMs: margin, limitMs } = guardrail
      return withLimit(guardrail, limitMs, {
        form: 'mean',
        subject,
        sides: ['rise'],
        margin,
        prior: 0,
        harms: MEAN_HARMS,
        asked: 'after warm-up',
      })
    }
    case 'tailLatency':
      return frozen.kind === 'tail' ? tailQuestions(guardrail, frozen) : []
    case 'predictionShift':
      return frozen.kind === 'classes' ? classQuestions(guardrail, frozen.labels) : []
    case 'scoreShift': {
      const { margin } = guardrail
      return withLimit(guardrail, null, {
        form: 'mean',
        subject: { kind: 'score' },
        sides: ['rise', 'fall'],
        margin,
        prior: 0,
        harms: MEAN_HARMS,
      })
    }
    case 'metric':
      return metricQuestions(guardrail)
  }
}

function tailQuestions(
  guardrail: TailLatencyGuardrail,
  frozen: Extract<Frozen, { kind: 'tail' }>,
): readonly Question[] {
  const { bin, hungBin, margin } = frozen
  const plain = {
    form: 'share',
    sides: ['rise'],
    margin,
    prior: (1 - guardrail.quantile) / 2,
    harms: RATE_HARMS,
  } as const
  const [tail] = withLimit(guardrail, null, { ...plain, subject: { kind: 'tail', bin }, asked: 'after warm-up' })
  const [hung] = withLimit(guardrail, null, { ...plain, subject: { kind: 'hung', bin: hungBin }, asked: 'warm-up' })
  const { name, limitMs } = guardrail
  const parts = [
    { ...tail!, weight: 1 - HUNG_PART },
    { ...hung!, id: idOf(name, 'hung'), weight: HUNG_PART },
  ]
  if (limitMs === null) return parts
  const beyond: Question = {
    ...tail!,
    id: idOf(name, 'limit'),
    harms: LIMIT_HARMS,
    subject: { kind: 'tail', bin: binOf(limitMs * US_PER_MS) },
    limit: 1 - guardrail.quantile,
    weight: LIMIT_PART,
  }
  return [...parts.map((question) => ({ ...question, weight: question.weight * (1 - LIMIT_PART) })), beyond]
}

/** Of two classes one is enough, since the other mirrors it; "other" stays even when empty. */
function classQuestions(guardrail: PredictionShiftGuardrail, labels: readonly string[]): readonly Question[] {
  const { name, margin } = guardrail
  const independent = labels.length === 2 ? labels.toSorted().slice(0, 1) : labels
  const sides: readonly Side[] = ['rise', 'fall']
  const prior = 1 / Math.max(2, labels.length)
  const shared = { form: 'share', sides, margin, limit: null, prior, harms: CLASS_HARMS, asked: 'always' } as const
  return [
    ...independent.map(
      (label): Question => ({
        ...shared,
        id: idOf(name, 'class', label),
        subject: { kind: 'class', label },
        weight: (1 - OTHER_PART) / independent.length,
      }),
    ),
    {
      ...shared,
      id: idOf(name, 'others'),
      subject: { kind: 'other-classes', labels },
      prior: OTHER_PRIOR,
      weight: independent.length === 0 ? 1 : OTHER_PART,
    },
  ]
}

function metricQuestions(guardrail: MetricGuardrail): readonly Question[] {
  const { metric, direction, margin, limit } = guardrail
  const sides: readonly Side[] = [direction === 'must-not-fall' ? 'fall' : 'rise']
  return withLimit(guardrail, limit, {
    form: 'mean',
    subject: { kind: 'metric', metric },
    sides,
    margin,
    prior: 0,
    harms: MEAN_HARMS,
  })
}

/** An id within a guardrail, whose own name cannot have the character that separates them. */
const idOf = (...parts: readonly string[]): string => parts.join('\u0001')

/** The comparison, and beside it the absolute limit where there is one. */
function withLimit({ name }: Guardrail, limit: number | null, plain: Plain): readonly Question[] {
  const comparison: Question = { id: name, limit: null, asked: 'always', ...plain, weight: 1 }
  if (limit === null) return [comparison]
  const { subject } = comparison
  const beyond =
    subject.kind === 'latency' ? { ...subject, capMs: Math.max(subject.capMs, LIMIT_CAP * limit) } : subject
  return [
    { ...comparison, weight: 1 - LIMIT_PART },
    { ...comparison, subject: beyond, id: idOf(name, 'limit'), limit, harms: LIMIT_HARMS, weight: LIMIT_PART },
  ]
}
