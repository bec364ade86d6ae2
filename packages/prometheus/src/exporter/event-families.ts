import type { CanaryErrorCode } from '@model-canary/core'
import type { EventCount } from './event-counts.js'
import type { Family, Sample } from './family.js'
import type { Labels } from './labels.js'
import { ofStatus } from './rollout-families.js'

/**
 * The codes that core counts while requests are served. Their series start at 0, because one that starts at 1 has no
 * increase. A test compares them with `docs/errors.md`.
 */
const EXPECTED: ReadonlySet<CanaryErrorCode> = new Set<CanaryErrorCode>([
  'INVALID_VERSION',
  'STRATEGY_FAILED',
  'INVALID_KEY',
  'KEY_FAILED',
  'INVALID_VARIANT',
  'INVALID_OUTCOME',
  'INVALID_DURATION',
  'INVALID_PREDICTION',
  'INVALID_SCORE',
  'INVALID_METRIC',
  'OBSERVER_FAILED',
  'OUTPUT_NOT_OBSERVED',
  'NOT_RECORDED',
  'FALLBACK_IMPOSSIBLE',
  'OPTION_IGNORED',
  'LISTENER_FAILED',
  'WARM_UP_FAILED',
  'GATE_FAILED',
  'SOURCE_FAILED',
  'JUDGE_FAILED',
  'INVALID_STATE',
  'TARGET_FAILED',
  'STORE_FAILED',
  'WEBHOOK_FAILED',
])

/** The families of decisions, alerts and failures. */
export const eventFamilies: readonly Family[] = [
  {
    name: 'model_canary_decisions_total',
    type: 'counter',
    help: 'Decisions by their kind and by who made them.',
    read: ({ labels, events }) => counted(labels, events?.decisions),
  },
  {
    name: 'model_canary_alerts_total',
    type: 'counter',
    help: 'Alerts by what they were about.',
    read: ({ labels, events }) => counted(labels, events?.alerts),
  },
  {
    name: 'model_canary_internal_errors_total',
    type: 'counter',
    help: 'Failures inside the library, by code. They did not affect requests.',
    read: ofStatus((labels, { internalErrors }) =>
      codesAmong(internalErrors).map((code) => ({
        labels: labels.and('code', code),
        value: internalErrors[code as CanaryErrorCode] ?? 0,
      })),
    ),
  },
  {
    name: 'model_canary_failed_scrapes_total',
    type: 'counter',
    help: 'Scrapes that could not be answered.',
    read: ({ labels, failures }) => [{ labels, value: failures }],
  },
]

/** The shape of an error code. Any package may declare its own. */
const CODE = /^[A-Z][A-Z_]{2,39}$/

/** The most codes that become labels. */
const MOST_CODES = 100

function codesAmong(internalErrors: object): readonly string[] {
  const occurred = Object.keys(internalErrors).filter((code) => CODE.test(code))
  return [...new Set([...EXPECTED, ...occurred])].slice(0, MOST_CODES).sort()
}

function counted(labels: Labels, counts: ReadonlyMap<string, EventCount> | undefined): readonly Sample[] {
  return [...(counts?.values() ?? [])].map(({ pairs, count }) => ({
    labels: pairs.reduce((longer, [name, value]) => longer.and(name, value), labels),
    value: count,
  }))
}
