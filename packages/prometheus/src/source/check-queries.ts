import { CanaryError } from '@model-canary/core'
import { refuseUnknown, show } from '@model-canary/foundation'
import { checkObject } from '../exporter/checks.js'
import type { ArmQueries, MomentQueries } from './arm-queries.js'
import { OUTCOME_KINDS } from './plan.js'

/** The longest query, in UTF-16 units. */
const LONGEST_QUERY = 8_192

/** The shortest `resolutionMs`; more points would not add information. */
const FINEST_RESOLUTION_MS = 100

/** Checks the form of one arm's queries. Only Prometheus can check their PromQL. */
export function checkArmQueries(where: string, queries: ArmQueries): void {
  refuseUnknown(where, queries, {
    requests: 1,
    errors: 1,
    timeouts: 1,
    aborted: 1,
    unreached: 1,
    unanswered: 1,
    decided: 1,
    durations: 1,
    predictions: 1,
    startTimes: 1,
    score: 1,
    metrics: 1,
  })
  const { requests, durations, predictions, score, metrics } = queries
  checkCounter(`${where}.requests`, requests)
  for (const name of OUTCOME_KINDS) {
    if (queries[name] !== undefined) checkCounter(`${where}.${name}`, queries[name])
  }
  if ((queries.decided === undefined) !== (queries.unanswered === undefined)) {
    throw new CanaryError('INVALID_OPTION', `${where}: decided and unanswered need each other; pass both or neither`)
  }
  if (durations !== undefined) {
    refuseUnknown(`${where}.durations`, durations, { buckets: 1, sum: 1, squares: 1, unit: 1 })
    checkQuery(`${where}.durations.buckets`, durations.buckets)
    checkOptional(`${where}.durations`, durations, ['sum', 'squares'])
    if (!['s', 'ms', undefined].includes(durations.unit)) {
      throw new CanaryError('INVALID_OPTION', `${where}.durations.unit must be s or ms, got ${show(durations.unit)}`)
    }
  }
  if (predictions !== undefined) {
    refuseUnknown(`${where}.predictions`, predictions, { selector: 1, label: 1, other: 1 })
    checkQuery(`${where}.predictions.selector`, predictions.selector)
    checkName(`${where}.predictions.label`, predictions.label)
  }
  if (queries.startTimes !== undefined) checkQuery(`${where}.startTimes`, queries.startTimes)
  if (score !== undefined) checkMoments(`${where}.score`, score)
  if (metrics !== undefined) {
    checkObject(`${where}.metrics`, metrics)
    for (const [name, moments] of Object.entries(metrics)) {
      checkName(`${where}.metrics: a name`, name)
      checkMoments(`${where}.metrics.${name}`, moments)
    }
  }
}

/** Checks a name of a label in Prometheus or of a metric in core. */
function checkName(where: string, name: unknown): void {
  if (typeof name === 'string' && name !== '' && name.length <= 64 && name.isWellFormed()) return
  throw new CanaryError('INVALID_OPTION', `${where} must be a string of 1 to 64 characters, got ${show(name)}`)
}

function checkMoments(where: string, moments: MomentQueries): void {
  refuseUnknown(where, moments, { count: 1, sum: 1, squares: 1 })
  checkQuery(`${where}.count`, moments.count)
  checkQuery(`${where}.sum`, moments.sum)
  checkOptional(where, moments, ['squares'])
}

function checkOptional<Name extends string>(
  where: string,
  queries: { readonly [N in Name]?: unknown },
  names: readonly Name[],
): void {
  for (const name of names) if (queries[name] !== undefined) checkQuery(`${where}.${name}`, queries[name])
}

function checkCounter(where: string, query: unknown): void {
  if (typeof query !== 'object') {
    checkQuery(where, query)
    return
  }
  if (Array.isArray(query) && query.length > 0) {
    for (const [at, one] of query.entries()) checkQuery(`${where}[${at}]`, one)
    return
  }
  refuseUnknown(where, query, { expression: 1, resolutionMs: 1 })
  const { expression, resolutionMs = FINEST_RESOLUTION_MS } = query as { expression: unknown; resolutionMs?: unknown }
  checkQuery(`${where}.expression`, expression)
  if (Number.isSafeInteger(resolutionMs) && (resolutionMs as number) >= FINEST_RESOLUTION_MS) return
  throw new CanaryError(
    'INVALID_OPTION',
    `${where}.resolutionMs must be a whole number from ${FINEST_RESOLUTION_MS} up, got ${show(resolutionMs)}`,
  )
}

function checkQuery(where: string, text: unknown): void {
  if (typeof text === 'string' && text.trim() !== '' && text.length <= LONGEST_QUERY) return
  throw new CanaryError(
    'INVALID_OPTION',
    `${where} must be PromQL of 1 to ${LONGEST_QUERY} characters, got ${show(text)}`,
  )
}
