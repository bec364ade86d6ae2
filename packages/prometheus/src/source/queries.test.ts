import { describe, expect, it } from 'vitest'
import { exporterQueries } from './exporter-queries.js'
import { istioQueries } from './istio-queries.js'
import { selector } from './selector.js'
import { supportedBy } from './supports.js'

describe('selector', () => {
  it('escapes every value within its quotes', () => {
    expect(selector('up', [['job', '=', 'a"}\\\n']])).toBe('up{job="a\\"}\\\\\\n"}')
  })

  it.each([
    ['a label that is none', 'job="x",instance', 'y'],
    ['an empty value, which series without the label match', 'job', ''],
  ])('refuses %s', (_, label, value) => {
    expect(() => selector('up', [[label, '=', value]])).toThrow('[INVALID_OPTION]')
  })
})

describe('exporterQueries', () => {
  const { canary } = exporterQueries({ rollout: 'sentiment', metrics: ['conversion'], labels: { namespace: 'shop' } })

  it("asks for the exporter's names, by variant", () => {
    const all = 'rollout="sentiment",variant="canary",namespace="shop"'
    expect(canary.requests).toBe(`model_canary_requests_total{${all},outcome!~"rejected|ignored"}`)
    expect(canary.decided).toBe(`model_canary_decided_requests_total{${all}}`)
    expect(canary.unanswered).toBe(`model_canary_unanswered_requests_total{${all}}`)
    expect(canary.timeouts).toBe(`model_canary_requests_total{${all},outcome="timeout"}`)
    expect(canary.durations?.buckets).toBe(`model_canary_request_duration_seconds_bucket{${all}}`)
    expect(canary.metrics?.conversion?.squares).toBe(`model_canary_metric_squares_total{${all},metric="conversion"}`)
  })

  it('selects only two versions if they are given, and not those of pods of an earlier rollout', () => {
    const { baseline, canary } = exporterQueries({ rollout: 'sentiment', versions: { baseline: 'v2', canary: 'v3' } })
    expect(baseline.decided).toBe(
      'model_canary_decided_requests_total{rollout="sentiment",variant="baseline",version="v2"}',
    )
    expect(canary.decided).toBe(
      'model_canary_decided_requests_total{rollout="sentiment",variant="canary",version="v3"}',
    )
  })

  it('supports every kind of guardrail with scores and metrics', () => {
    const queries = exporterQueries({ rollout: 'sentiment', metrics: ['conversion'], score: true })
    expect(supportedBy(queries)).toEqual([
      'errorRate',
      'timeoutRate',
      'abortRate',
      'unansweredRate',
      'latency',
      'tailLatency',
      'predictionShift',
      'scoreShift',
      'metric',
    ])
  })
})

describe('istioQueries', () => {
  const options = { service: 'sentiment', namespace: 'shop', versions: { baseline: 'v1', canary: 'v2' } }
  const all =
    'reporter="destination",destination_service_name="sentiment",destination_service_namespace="shop",destination_version="v2"'

  it('selects the requests of one version as one reporter counts them', () => {
    const { canary } = istioQueries(options)
    expect(canary.requests).toBe(`istio_requests_total{${all}}`)
    expect(canary.errors).toContain(`istio_requests_total{${all},response_code=~"5.."}`)
    expect(canary.durations?.unit).toBe('ms')
  })

  it('excludes clients that left from the durations', () => {
    const { canary } = istioQueries(options)
    expect(canary.aborted).toContain(`istio_requests_total{${all},response_code="0"}`)
    expect(canary.durations?.buckets).toBe(
      `istio_request_duration_milliseconds_bucket{${all},response_code!="0",grpc_response_status!="1"}`,
    )
  })

  const outcomeOf = (code: string, status: string) => {
    const { canary } = istioQueries(options)
    const labels: Readonly<Record<string, string>> = { response_code: code, grpc_response_status: status }
    const matches = (text: string) =>
      [...text.matchAll(/(response_code|grpc_response_status)(=~|=)"([^"]*)"/g)].every(([, label, operator, value]) =>
        operator === '=' ? labels[label!] === value : new RegExp(`^(?:${value})$`).test(labels[label!]!),
      )
    const kinds = (['errors', 'aborted'] as const).filter((kind) => (canary[kind] as readonly string[]).some(matches))
    return kinds.join()
  }

  it.each(['2', '4', '8', '9', '10', '12', '13', '14', '15', '17', '42'])(
    'counts a call by gRPC with the status %s as an error, though HTTP says 200',
    (status) => expect(outcomeOf('200', status)).toBe('errors'),
  )

  it.each(['0', '3', '5', '6', '7', '11', '16'])('does not count the status %s of gRPC as an error', (status) => {
    expect(outcomeOf('200', status)).toBe('')
  })

  it('counts a call by gRPC that was cancelled as aborted', () => {
    expect(outcomeOf('200', '1')).toBe('aborted')
  })

  it.each([
    ['200', ''],
    ['404', ''],
    ['499', ''],
  ])('does not change HTTP %s', (code, status) => {
    expect(outcomeOf(code, status)).toBe('')
  })

  it.each([
    ['500', '', 'errors'],
    ['503', '14', 'errors'],
    ['504', '1', 'errors'],
    ['0', '', 'aborted'],
    ['0', '1', 'aborted'],
    ['0', '14', 'aborted'],
  ])('gives %s with the status "%s" one outcome: %s', (code, status, outcome) => {
    expect(outcomeOf(code, status)).toBe(outcome)
  })

  const callers =
    'reporter="source",destination_service_name="sentiment",destination_service_namespace="shop",destination_version'
  const flags = 'response_flags=~"(.*,)?(UH|UF|URX|NR|NC|UO)(,.*)?",response_code!="0"'

  it('selects callers’ requests that never reached a pod; those of an unknown version count for the canary', () => {
    const { baseline, canary } = istioQueries(options)
    expect(baseline.unreached).toBe(`istio_requests_total{${callers}="v1",${flags}}`)
    expect(canary.unreached).toBe(`istio_requests_total{${callers}=~"v2|unknown",${flags}}`)
  })

  it('counts no failure twice if the callers report everything', () => {
    const { baseline, canary } = istioQueries({ ...options, reporter: 'source' })
    expect(baseline).not.toHaveProperty('unreached')
    expect(canary.unreached).toBe(`istio_requests_total{${callers}="unknown",${flags}}`)
  })

  it('matches a version literally', () => {
    const { canary } = istioQueries({ ...options, versions: { baseline: 'v1', canary: 'v2.0+a' } })
    expect(canary.unreached).toContain('destination_version=~"v2\\\\.0\\\\+a|unknown"')
  })

  it('supports the guardrails of its queries only', () => {
    expect(supportedBy(istioQueries(options))).toEqual(['errorRate', 'abortRate', 'latency', 'tailLatency'])
  })

  it('refuses a reporter that Istio does not have', () => {
    expect(() => istioQueries({ ...options, reporter: 'both' as never })).toThrow('[INVALID_OPTION]')
  })

  it('refuses the same version twice', () => {
    expect(() => istioQueries({ ...options, versions: { baseline: 'v1', canary: 'v1' } })).toThrow('[SAME_VERSION]')
  })
})
