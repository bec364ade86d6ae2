import { type CanaryError, createCanary, errorRate, hold, linearPlan } from '@model-canary/core'
import { manualClock } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import {
  checkWith,
  evidenceOf,
  OPEN_METRICS,
  rolloutWith,
  samplesOf,
  statusWith,
  summaryWith,
} from './exporter.fixture.js'
import { prometheusExporter } from './exporter.js'
import { parseExposition } from './parse-exposition.fixture.js'

describe('the exporter, on a canary', () => {
  it('has every outcome of both versions as 0 before the first request', () => {
    const canary = createCanary({ name: 'sentiment', versions: { baseline: 'v1', canary: 'v2' } })
    const samples = samplesOf(prometheusExporter(canary).render().body)
    const requests = Object.entries(samples).filter(([name]) => name.startsWith('model_canary_requests_total'))
    expect(requests).toEqual([
      ['model_canary_requests_total{variant=baseline,outcome=success}', 0],
      ['model_canary_requests_total{variant=baseline,outcome=error}', 0],
      ['model_canary_requests_total{variant=baseline,outcome=timeout}', 0],
      ['model_canary_requests_total{variant=baseline,outcome=aborted}', 0],
      ['model_canary_requests_total{variant=baseline,outcome=rejected}', 0],
      ['model_canary_requests_total{variant=baseline,outcome=ignored}', 0],
      ['model_canary_requests_total{variant=canary,outcome=success}', 0],
      ['model_canary_requests_total{variant=canary,outcome=error}', 0],
      ['model_canary_requests_total{variant=canary,outcome=timeout}', 0],
      ['model_canary_requests_total{variant=canary,outcome=aborted}', 0],
      ['model_canary_requests_total{variant=canary,outcome=rejected}', 0],
      ['model_canary_requests_total{variant=canary,outcome=ignored}', 0],
    ])
  })

  it('counts recorded requests, and requests in progress', () => {
    const canary = createCanary({ name: 'sentiment', versions: { baseline: 'v1', canary: 'v2' }, clock: manualClock() })
    canary.record({ variant: 'canary', durationMs: 2, outcome: 'success', prediction: 'spam', score: -0.5 })
    canary.record({
      variant: 'canary',
      durationMs: 3,
      outcome: 'error',
      metrics: { clicks: 4, timeToFirstChunkMs: 250 },
    })
    canary.record({ variant: 'baseline', durationMs: 1, outcome: 'aborted' })
    canary.begin()
    expect(samplesOf(prometheusExporter(canary).render().body)).toMatchObject({
      'model_canary_requests_total{variant=canary,outcome=success}': 1,
      'model_canary_requests_total{variant=canary,outcome=error}': 1,
      'model_canary_requests_total{variant=baseline,outcome=aborted}': 1,
      'model_canary_pending_requests{variant=baseline}': 1,
      'model_canary_pending_requests{variant=canary}': 0,
      'model_canary_request_duration_seconds_count{variant=baseline}': 0,
      'model_canary_request_duration_seconds_count{variant=canary}': 2,
      'model_canary_request_duration_seconds_sum{variant=canary}': 0.005,
      'model_canary_request_duration_seconds_squares_total{variant=canary}': 0.000013,
      'model_canary_predictions_total{variant=canary,prediction=spam}': 1,
      'model_canary_score_sum{variant=canary}': -0.5,
      'model_canary_score_squares_total{variant=canary}': 0.25,
      'model_canary_metric_count{variant=canary,metric=clicks}': 1,
      'model_canary_metric_sum{variant=canary,metric=clicks}': 4,
      'model_canary_metric_squares_total{variant=canary,metric=clicks}': 16,
      'model_canary_metric_sum{variant=canary,metric=timeToFirstChunkMs}': 250,
      'model_canary_time_to_first_chunk_seconds_count{variant=canary}': 1,
      'model_canary_time_to_first_chunk_seconds_sum{variant=canary}': 0.25,
      'model_canary_time_to_first_chunk_seconds_squares_total{variant=canary}': 0.0625,
    })
  })

  it('follows the rollout: state, weight, epoch, decisions, and counters that restart with the process', async () => {
    const clock = manualClock()
    const canary = createCanary({
      name: 'sentiment',
      versions: { baseline: 'v1', canary: 'v2' },
      guardrails: [errorRate()],
      plan: linearPlan([7, 100]),
      warmUp: { durationMs: 0 },
      clock,
    })
    const exporter = prometheusExporter(canary)
    canary.record({ variant: 'baseline', durationMs: 1, outcome: 'success' })
    expect(samplesOf(exporter.render().body)).toMatchObject({
      'model_canary_state{state=idle}': 1,
      'model_canary_requests_total{variant=baseline,outcome=success}': 1,
      'model_canary_decisions_total{decision=rollback,decided_by=operator}': 0,
    })
    await canary.start()
    await clock.advance(0)
    await canary.rollback({ actor: 'Ada Lovelace', reason: 'she did not like it' })
    const { body } = exporter.render()
    expect(samplesOf(body)).toMatchObject({
      'model_canary_state{state=idle}': 0,
      'model_canary_state{state=rolled-back}': 1,
      'model_canary_epoch{}': 1,
      'model_canary_weight_ratio{}': 0,
      'model_canary_requests_total{variant=baseline,outcome=success}': 0,
      'model_canary_decisions_total{decision=start,decided_by=operator}': 1,
      'model_canary_decisions_total{decision=rollback,decided_by=operator}': 1,
      'model_canary_decisions_total{decision=rollback,decided_by=judge}': 0,
    })
    expect(body).not.toMatch(/Ada|like/)
    await canary.close()
  })
})

describe('the exporter, on any rollout', () => {
  it('writes exactly this text', () => {
    const { rollout } = rolloutWith({})
    const only: Parameters<typeof prometheusExporter>[0] = {
      name: rollout.name,
      versions: rollout.versions,
      counts: () => ({
        canary: summaryWith({
          outcomes: { success: 2, error: 1, timeout: 0, aborted: 1, rejected: 4, ignored: 5 },
          answers: { decided: 7, unanswered: 4, ended: 1, leftEarly: 1 },
          latencyUs: { count: 3, sum: 6_000_001, sumOfSquares: 1e13 },
          latencyBins: [
            [100, 2],
            [1_100, 1],
          ],
        }),
      }),
    }
    const labels = 'rollout="sentiment",version="v2",variant="canary"'
    expect(prometheusExporter(only, { bucketsMs: [0.1, 1_000] }).render().body).toBe(`\
# HELP model_canary_info The versions of a rollout and its mode.
# TYPE model_canary_info gauge
model_canary_info{rollout="sentiment",baseline="v1",canary="v2"} 1
# HELP model_canary_requests_total Finished requests by outcome. If the client left, the outcome is aborted, which is not an error.
# TYPE model_canary_requests_total counter
model_canary_requests_total{${labels},outcome="success"} 2
model_canary_requests_total{${labels},outcome="error"} 1
model_canary_requests_total{${labels},outcome="timeout"} 0
model_canary_requests_total{${labels},outcome="aborted"} 1
model_canary_requests_total{${labels},outcome="rejected"} 4
model_canary_requests_total{${labels},outcome="ignored"} 5
# HELP model_canary_decided_requests_total Requests that were answered, ended without an answer, or became overdue. Each counts once.
# TYPE model_canary_decided_requests_total counter
model_canary_decided_requests_total{${labels}} 7
# HELP model_canary_unanswered_requests_total Decided requests whose callers got no answer.
# TYPE model_canary_unanswered_requests_total counter
model_canary_unanswered_requests_total{${labels}} 4
# HELP model_canary_pending_requests Requests in progress.
# TYPE model_canary_pending_requests gauge
model_canary_pending_requests{${labels}} 0
# HELP model_canary_request_duration_seconds Durations of finished requests, without aborted ones.
# TYPE model_canary_request_duration_seconds histogram
model_canary_request_duration_seconds_bucket{${labels},le="0.0001"} 0
model_canary_request_duration_seconds_bucket{${labels},le="1.007616"} 2
model_canary_request_duration_seconds_bucket{${labels},le="+Inf"} 3
model_canary_request_duration_seconds_count{${labels}} 3
model_canary_request_duration_seconds_sum{${labels}} 6.000001
# HELP model_canary_request_duration_seconds_squares_total Sum of the squared durations: with the count and the sum it gives the variance.
# TYPE model_canary_request_duration_seconds_squares_total counter
model_canary_request_duration_seconds_squares_total{${labels}} 10
# HELP model_canary_failed_scrapes_total Scrapes that could not be answered.
# TYPE model_canary_failed_scrapes_total counter
model_canary_failed_scrapes_total{rollout="sentiment"} 0
`)
  })

  it('writes the same in OpenMetrics: counters without their suffix, units, infos, and an end', () => {
    const { rollout } = rolloutWith({ canary: { score: { count: 2, sum: -1, sumOfSquares: 5 } } })
    const exporter = prometheusExporter(rollout)
    const [text, open] = [exporter.render().body, exporter.render(OPEN_METRICS).body]
    expect(samplesOf(open)).toEqual(samplesOf(text))
    const families = parseExposition(open, 'openmetrics').map(({ name, type, unit }) => `${name} ${type} ${unit}`)
    expect(families).toEqual([
      'model_canary info ',
      'model_canary_weight_ratio gauge ratio',
      'model_canary_step gauge ',
      'model_canary_epoch gauge ',
      'model_canary_state gauge ',
      'model_canary_waiting gauge ',
      'model_canary_enabled gauge ',
      'model_canary_drifted gauge ',
      'model_canary_requests counter ',
      'model_canary_decided_requests counter ',
      'model_canary_unanswered_requests counter ',
      'model_canary_pending_requests gauge ',
      'model_canary_request_duration_seconds histogram seconds',
      'model_canary_request_duration_seconds_squares counter ',
      'model_canary_score_count gauge ',
      'model_canary_score_sum gauge ',
      'model_canary_score_squares counter ',
      'model_canary_decisions counter ',
      'model_canary_alerts counter ',
      'model_canary_internal_errors counter ',
      'model_canary_failed_scrapes counter ',
    ])
  })

  it('has every state, with 1 for the current one only', () => {
    const { rollout } = rolloutWith({ status: { state: 'baking', waitingFor: null, weight: 12.5, enabled: false } })
    expect(samplesOf(prometheusExporter(rollout).render().body)).toMatchObject({
      'model_canary_state{state=idle}': 0,
      'model_canary_state{state=warming}': 0,
      'model_canary_state{state=progressing}': 0,
      'model_canary_state{state=paused}': 0,
      'model_canary_state{state=baking}': 1,
      'model_canary_state{state=promoted}': 0,
      'model_canary_state{state=rolled-back}': 0,
      'model_canary_waiting{for=data}': 0,
      'model_canary_enabled{}': 0,
      'model_canary_weight_ratio{}': 0.125,
      'model_canary_drifted{}': 0,
    })
  })

  it('reports a weight that another client has changed', () => {
    const { rollout } = rolloutWith({ status: { drift: { weight: 50, message: 'somebody set it to 50 %' } } })
    expect(samplesOf(prometheusExporter(rollout).render().body)).toMatchObject({ 'model_canary_drifted{}': 1 })
  })

  it('has each guardrail’s outcome, its evidence, and the evidence needed', () => {
    const checks = [checkWith('errorRate', { evidence: evidenceOf(3.5, 12) }), checkWith('cost', { outcome: 'held' })]
    const { rollout } = rolloutWith({ status: { checks } })
    const samples = samplesOf(prometheusExporter(rollout).render().body)
    expect(samples).toMatchObject({
      'model_canary_guardrail{guardrail=errorRate,outcome=undecided}': 1,
      'model_canary_guardrail{guardrail=errorRate,outcome=held}': 0,
      'model_canary_guardrail{guardrail=cost,outcome=held}': 1,
      'model_canary_evidence{guardrail=errorRate,direction=harm}': 3.5,
      'model_canary_evidence{guardrail=errorRate,direction=safety}': 12,
      'model_canary_evidence_needed{guardrail=errorRate,direction=harm}': 20,
      'model_canary_evidence_needed{guardrail=errorRate,direction=safety}': 10,
    })
    expect(samples).not.toHaveProperty(['model_canary_evidence{guardrail=cost,direction=harm}'])
  })

  it('writes infinite evidence as +Inf', () => {
    const checks = [checkWith('errorRate', { evidence: evidenceOf(Number.POSITIVE_INFINITY, 1e300) })]
    const { body } = prometheusExporter(rolloutWith({ status: { checks } }).rollout).render(OPEN_METRICS)
    expect(body).toContain('guardrail="errorRate",direction="harm"} +Inf\n')
    expect(samplesOf(body)).toMatchObject({
      'model_canary_evidence{guardrail=errorRate,direction=harm}': Number.POSITIVE_INFINITY,
      'model_canary_evidence{guardrail=errorRate,direction=safety}': 1e300,
    })
  })

  it.each([
    ['pause', 'pause', {}],
    ['rollback', 'rollback', {}],
    ['alert', 'resume', { untilMs: 30_000 }],
  ] as const)('has a decision of a time limit from the first scrape on: %s, %s', async (onStall, decision, pause) => {
    const clock = manualClock()
    const canary = createCanary({
      name: 'sentiment',
      versions: { baseline: 'v1', canary: 'v2' },
      plan: hold(50),
      warmUp: { durationMs: 0 },
      maxDurationMs: 60_000,
      onStall,
      clock,
      logger: false,
    })
    const exporter = prometheusExporter(canary)
    const series = `model_canary_decisions_total{rollout="sentiment",decision="${decision}",decided_by="clock"}`
    expect(exporter.render('').body).toContain(`${series} 0\n`)
    await canary.start()
    await clock.advance(0)
    if ('untilMs' in pause) await canary.pause({ untilMs: clock.now() + pause.untilMs })
    await clock.advance(120_000)
    expect(exporter.render('').body).toContain(`${series} 1\n`)
  })

  it('counts decisions by who decided, without the name of an operator', () => {
    const { rollout, decided } = rolloutWith({})
    const exporter = prometheusExporter(rollout)
    decided('rollback', 'tripwire')
    decided('advance', 'judge')
    decided('advance', 'judge')
    decided('pause', 'carol@example.com')
    decided('enable', 'clock')
    const { body } = exporter.render()
    expect(samplesOf(body)).toMatchObject({
      'model_canary_decisions_total{decision=rollback,decided_by=tripwire}': 1,
      'model_canary_decisions_total{decision=advance,decided_by=judge}': 2,
      'model_canary_decisions_total{decision=pause,decided_by=operator}': 1,
      'model_canary_decisions_total{decision=enable,decided_by=clock}': 1,
      'model_canary_decisions_total{decision=promote,decided_by=judge}': 0,
    })
    expect(body).not.toContain('carol')
  })

  it('keeps the labels of events and errors to closed sets', () => {
    const { rollout, decided, alerted } = rolloutWith({
      status: {
        internalErrors: {
          STORE_FAILED: 3,
          KUBE_CONFLICT: 1,
          ['CODE_OF_A_THIRD_PARTY' as 'CLOSED']: 7,
          ...Object.fromEntries([['no code', 8]]),
          ...Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`MADE_UP_${codeOf(at)}`, 1])),
        },
      },
    })
    const exporter = prometheusExporter(rollout)
    decided('__proto__' as 'hold', 'judge')
    alerted('toString')
    alerted('stall')
    const { body } = exporter.render()
    expect(samplesOf(body)).toMatchObject({
      'model_canary_alerts_total{about=stall}': 1,
      'model_canary_alerts_total{about=no-data}': 0,
      'model_canary_internal_errors_total{code=STORE_FAILED}': 3,
      'model_canary_internal_errors_total{code=KUBE_CONFLICT}': 1,
      'model_canary_internal_errors_total{code=SOURCE_FAILED}': 0,
      'model_canary_internal_errors_total{code=CODE_OF_A_THIRD_PARTY}': 7,
    })
    expect(body.match(/^model_canary_internal_errors_total\{/gm)).toHaveLength(100)
    expect(body).not.toMatch(/__proto__|toString|no code/)
  })

  it('escapes the names of classes, so that no byte breaks the exposition', () => {
    const hostile = '"},x\\ \n\r\u0000\ud800é😀'
    const { rollout } = rolloutWith({ canary: { predictions: { labels: [[hostile, 4]], other: 0 } } })
    const exporter = prometheusExporter(rollout)
    for (const accept of [undefined, OPEN_METRICS]) {
      const { body } = exporter.render(accept)
      expect(body).toContain(
        `${String.raw`prediction="\"},x\\ \n\ufffd\ufffd\ufffdé😀"} 4`.replaceAll(String.raw`\ufffd`, '\ufffd')}\n`,
      )
      expect(samplesOf(body)).toMatchObject({
        'model_canary_predictions_total{variant=canary,prediction="},x\\ \n\ufffd\ufffd\ufffdé😀}': 4,
      })
    }
  })

  it('distinguishes the remaining classes from a class called "other", and names the empty class', () => {
    const predictions = {
      labels: [
        ['', 1],
        ['(other)', 10],
        ['other', 100],
      ] as const,
      other: 1_000,
    }
    const { rollout } = rolloutWith({ baseline: { predictions } })
    expect(samplesOf(prometheusExporter(rollout).render().body)).toMatchObject({
      'model_canary_predictions_total{variant=baseline,prediction=(empty)}': 1,
      'model_canary_predictions_total{variant=baseline,prediction=(other)}': 1_010,
      'model_canary_predictions_total{variant=baseline,prediction=other}': 100,
    })
  })

  it('adds up names with the same label text, so that no series occurs twice', () => {
    const moments = (count: number, sum: number) => ({ count, sum, sumOfSquares: sum * sum })
    const metrics = [
      ['a\u0001', moments(1, 2)],
      ['a\u0002', moments(3, 4)],
      ['', moments(5, 6)],
      ['(empty)', moments(7, 8)],
    ] as const
    const { rollout } = rolloutWith({ baseline: { metrics } })
    expect(samplesOf(prometheusExporter(rollout).render().body)).toMatchObject({
      'model_canary_metric_count{variant=baseline,metric=a\ufffd}': 4,
      'model_canary_metric_count{variant=baseline,metric=(empty)}': 12,
      'model_canary_metric_sum{variant=baseline,metric=a\ufffd}': 6,
      'model_canary_metric_squares_total{variant=baseline,metric=a\ufffd}': 20,
    })
  })

  it('omits an arm that this process does not serve', () => {
    const rollout = { ...rolloutWith({}).rollout, counts: () => ({ canary: summaryWith() }) }
    expect(prometheusExporter(rollout).render().body).not.toContain('variant="baseline"')
  })

  it('writes several rollouts into one exposition', () => {
    const toxicity = { ...rolloutWith({}).rollout, name: 'toxicity', status: () => statusWith({ weight: 50 }) }
    const { body } = prometheusExporter([rolloutWith({}).rollout, toxicity]).render()
    parseExposition(body, 'text')
    expect(body).toContain('model_canary_weight_ratio{rollout="sentiment"} 0.05\n')
    expect(body).toContain('model_canary_weight_ratio{rollout="toxicity"} 0.5\n')
  })
})

describe('a scrape that fails', () => {
  it('is answered with 500 and a short text, reported to the rollout, and counted', () => {
    const { rollout } = rolloutWith({})
    const told: string[] = []
    let isBroken = true
    const exporter = prometheusExporter({
      ...rollout,
      counts() {
        if (isBroken) throw new Error('secret')
        return { baseline: summaryWith() }
      },
      report: ({ code, cause }) => told.push(`${code}: ${(cause as Error).message}`),
    })
    expect(exporter.render(OPEN_METRICS)).toEqual({
      status: 500,
      contentType: 'text/plain; charset=utf-8',
      body: 'The metrics could not be rendered.\n',
    })
    expect(told).toEqual(['OBSERVER_FAILED: secret'])
    isBroken = false
    const { status, body } = exporter.render()
    expect(status).toBe(200)
    expect(samplesOf(body)).toMatchObject({ 'model_canary_failed_scrapes_total{}': 1 })
  })

  it.each(['counts', 'status'] as const)('is one whose %s are a promise or a text', async (name) => {
    const { rollout } = rolloutWith({})
    const told: string[] = []
    const report = ({ cause }: CanaryError) => told.push((cause as Error).message)
    for (const value of [Promise.reject(new Error('late')), Promise.resolve({}), 'v1', null]) {
      const exporter = prometheusExporter({ ...rollout, [name]: () => value as never, report })
      expect(exporter.render().status).toBe(500)
    }
    await new Promise(setImmediate) // a rejection would end the process
    const begin = `${name}() must return an object, and not a promise; it returned`
    expect(told).toEqual([`${begin} a promise`, `${begin} a promise`, `${begin} "v1"`, `${begin} null`])
  })

  it('does not end the process if its report rejects', async () => {
    const exporter = prometheusExporter({
      ...rolloutWith({}).rollout,
      counts: () => ({ canary: {} as never }),
      report: () => Promise.reject(new Error('closed')),
    })
    expect(exporter.render().status).toBe(500)
    await new Promise(setImmediate)
  })

  it('is answered also if it cannot be reported to the rollout', () => {
    const exporter = prometheusExporter({
      ...rolloutWith({}).rollout,
      counts: () => ({ canary: {} as never }),
      report() {
        throw new Error('closed')
      },
    })
    expect(exporter.render().status).toBe(500)
  })
})

describe('options', () => {
  const { rollout } = rolloutWith({})

  it.each([
    ['UNKNOWN_OPTION', rollout, { buckets: [1] }],
    ['INVALID_OPTION', rollout, { bucketsMs: [] }],
    ['INVALID_OPTION', null, {}],
    ['INVALID_OPTION', { ...rollout, counts: undefined }, {}],
    ['INVALID_OPTION', { ...rollout, on: 'decision' }, {}],
    ['INVALID_OPTION', { counts: rollout.counts }, {}],
    ['INVALID_OPTION', { ...rollout, versions: 'v1' }, {}],
    ['INVALID_NAME', { ...rollout, name: '' }, {}],
    ['INVALID_NAME', { ...rollout, name: 'a\nb' }, {}],
    ['INVALID_NAME', [rollout, rollout], {}],
    ['INVALID_VERSION', { ...rollout, versions: { baseline: 'v1', canary: 2 } }, {}],
    ['SAME_VERSION', { ...rollout, versions: { baseline: 'v1', canary: 'v1' } }, {}],
  ])('refuses invalid ones with %s', (code, source, options) => {
    expect(() => prometheusExporter(source as never, options as never)).toThrow(expect.objectContaining({ code }))
  })
})

/** Replaces digits by letters, because a code has no digits. */
const codeOf = (at: number): string => String(at).replace(/\d/g, (digit) => String.fromCharCode(65 + Number(digit)))
