import { errorRate, evidenceJudge, latency, metric, rejectedRate, unansweredRate } from '@model-canary/core'
import { createRecorder } from '@model-canary/core/judge'
import { heldBytes } from '../harness/heap.mjs'
import { keyAt } from '../harness/keys.mjs'
import { itemAt, LIMIT_MS, observations } from '../harness/observations.mjs'

const VERSIONS = 2
const KIB = 1_024
const BUCKETS = 10_000

/** The number of recorders that are measured together, so that the memory of everything else does not matter. */
const RECORDERS = 16

const CALLS = observations({ longestMs: LIMIT_MS })

/** Twenty windows of the baseline, after which the judge fixes what it counts by users, and as many after that. */
const BEFORE_REQUESTS = 8_000
const BEFORE_MS = 600_000
const DURING_REQUESTS = 8_000

/**
 * Returns the memory of a recorder for each of its two versions, in KiB: as `byteLength` says, and as measured. The
 * recorder has counted the baseline alone and a rollout, and is asked for what the evidence judge needs.
 *
 * @param {{ metricGuardrails: number, isByKey: boolean }} options
 */
export function recorderMemory({ metricGuardrails, isByKey }) {
  const names = Array.from({ length: metricGuardrails }, (_, at) => `metric_${at}`)
  const guardrails = [
    ...[errorRate(), latency(), unansweredRate(), rejectedRate()],
    ...names.map((name) => metric(name, { direction: 'must-not-fall', margin: 0.1 })),
  ]
  const open = () => filled(openRecorder(guardrails, names), names, isByKey)
  open() // the memory of the code itself does not belong to a version
  const empty = heldBytes()
  const recorders = Array.from({ length: RECORDERS }, open)
  const held = heldBytes() - empty
  return {
    saidKiB: recorders[0].byteLength / KIB / VERSIONS,
    heldKiB: held / KIB / RECORDERS / VERSIONS,
  }
}

/** Opens a recorder that feeds a judge, as a canary does. What the judge learns is no part of the recorder. */
function openRecorder(guardrails, metrics) {
  const { learn } = evidenceJudge()
  let past
  const recorder = createRecorder({
    metrics,
    windowMs: learn.windowMs,
    onWindow(window) {
      if (recorder.window.epoch > 0) return
      past = learn.update(past, window, guardrails)
      const form = learn.strata.formDue(past, guardrails)
      if (form) past = learn.strata.add(past, recorder.cutStrata(form), guardrails)
    },
  })
  return { recorder, forget: () => (past = undefined) }
}

function filled({ recorder, forget }, names, isByKey) {
  const send = (requests, fromMs, gapMs, originOf) => {
    for (let n = 0; n < requests; n += 1) {
      const { outcome, durationMs } = itemAt(CALLS, n)
      const at = fromMs + n * gapMs
      const bucket = (n * 7_919) % BUCKETS
      const variant = originOf(bucket).reason === 'split' && bucket < BUCKETS / 10 ? 'canary' : 'baseline'
      const startedAt = at - durationMs
      const key = isByKey ? { key: keyAt(n) } : {}
      const entry = { variant, startedAt, origin: originOf(bucket), previous: null, next: null, ...key }
      const metrics = names.length > 0 && { metrics: Object.fromEntries(names.map((name) => [name, n % 7])) }
      recorder.begin(entry)
      recorder.end(entry, { variant, at, durationMs, outcome, ...metrics })
    }
  }
  const bucketed = (bucket) => (isByKey ? { bucket } : {})
  const gapMs = BEFORE_MS / BEFORE_REQUESTS
  const alone = { epoch: 0, step: 0, reason: 'disabled' }
  const split = { epoch: 1, step: 1, reason: 'split', weight: 10 }
  send(BEFORE_REQUESTS, 0, gapMs, (bucket) => ({ ...alone, ...bucketed(bucket) }))
  recorder.open({ epoch: 1, step: 1 }, BEFORE_MS)
  send(DURING_REQUESTS, BEFORE_MS, gapMs, (bucket) => ({ ...split, ...bucketed(bucket) }))
  forget()
  return recorder
}
