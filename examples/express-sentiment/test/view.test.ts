import { describe, expect, it } from 'vitest'
import { SCENARIO_NAMES } from '../src/models/scenarios.js'
import { view } from '../src/terminal/view.js'
import { checkWith, decisionWith, snapshotWith, unseen } from './snapshot.fixture.js'

describe('the live view', () => {
  it('shows everything about a rollout that is under way', () => {
    expect(view(snapshotWith())).toEqual([
      'model-canary: sentiment v2 against v1 at http://127.0.0.1:3000              0:27',
      'scenario       good: v2 is right more often and takes ten times as long: 0.1 ms',
      'progressing    25 % of the requests go to v2         step 2 of 4: 10 [25] 50 100',
      '████████████████████░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░',
      'waits for      time, 3.2 s of 8.0 s                  in this step v1 598, v2 203',
      '',
      '                                        v1 AFINN-165               v2 wink-nlp',
      'requests                                      12,345                       678',
      'error rate                                     0.0 %                    11.2 %',
      'mean / p95 / p99 ms             0.012 / 0.032 / 1.24      81.3 / 95.0 / 1000.0',
      'positive / negative                  47.3 % / 52.7 %           100.0 % / 0.0 %',
      'accuracy by the labels                        79.4 %                    83.5 %',
      '',
      'held      errorRate       error rate 0 % against 0 %: no difference, 2 points a…',
      '',
      'last decision  0:21  advance from 10 % to 25 %',
      '               all 6 guardrails held over 219 canary and 1983 baseline requests',
      'traffic        250/s, 13,030 sent, 13,021 answered, 2 failed, 7 under way',
    ])
  })

  it('shows a dash where there is no data, never a zero', () => {
    const lines = view(snapshotWith({ checks: [] }, { history: [], metrics: { v1: unseen, v2: unseen } }))
    const dashes = (title: string) => lines.find((line) => line.startsWith(title))?.match(/–/g)?.length
    expect(dashes('error rate')).toBe(2)
    expect(dashes('mean / p95 / p99 ms')).toBe(6)
    expect(dashes('positive / negative')).toBe(2)
    expect(dashes('accuracy by the labels')).toBe(2)
    expect(lines).toContain('no guardrail has been judged yet')
    expect(lines).toContain('last decision  none yet')
  })

  it.each([
    [{ waitingFor: 'time', elapsedInStepMs: 8_001 }, 'the next look'],
    [{ waitingFor: 'requests' }, 'requests, 203 of 200'],
    [{ waitingFor: 'requests', requests: { baseline: 61, canary: 203 } }, 'requests, 61 of 200'],
    [{ waitingFor: 'requests', weight: 100, requests: { baseline: 0, canary: 20 } }, 'requests, 20 of 200'],
    [
      { waitingFor: 'evidence', checks: [checkWith({ outcome: 'undecided', reason: '62 of 200' })] },
      'evidence: errorRate, 62 of 200',
    ],
    [{ state: 'warming', step: 0, weight: 0, waitingFor: 'data' }, 'v2 to answer its sample inputs'],
    [{ state: 'warming', step: 0, weight: 5, waitingFor: 'time' }, 'time, 3.2 s of 5.0 s'],
    [{ state: 'promoted', weight: 100, waitingFor: null }, 'nothing: v2 serves every request'],
    [{ state: 'rolled-back', weight: 0, waitingFor: null }, 'nothing: v1 serves every request'],
  ] as const)('says what it waits for: %j', (status, waits) => {
    const line = view(snapshotWith(status)).find((each) => each.startsWith('waits for'))
    expect(line?.split(/ {2,}in this step|…/)[0]).toBe(`waits for      ${waits}`)
  })

  it('names a breach first thing in the line', () => {
    const reason = 'mean latency 82.5 ms against 0.1 ms: 82.4 ms more, 50 accepted'
    const lines = view(snapshotWith({ checks: [checkWith({ outcome: 'breached', guardrail: 'latency', reason })] }))
    expect(lines).toContain('breached  latency         mean latency 82.5 ms against 0.1 ms: 82.4 ms more, 50…')
  })

  it('speaks of the last decision that changed something, not of those to wait', () => {
    const history = [decisionWith({}), decisionWith({ action: 'hold', reason: 'waiting for time' })]
    expect(view(snapshotWith({}, { history }))).toContain('last decision  0:21  advance from 10 % to 25 %')
  })

  it('fits 80 columns and 24 rows, whatever is long', () => {
    const long = 'a very long reason '.repeat(20)
    const guardrails = ['errorRate', 'unansweredRate', 'latency', 'tailLatency', 'predictionShift', 'accuracy']
    for (const scenario of SCENARIO_NAMES) {
      const lines = view(
        snapshotWith(
          {
            checks: guardrails.map((guardrail) => checkWith({ guardrail, reason: long })),
            waitingFor: 'evidence',
          },
          {
            history: [decisionWith({ reason: long })],
            options: { scenario, pace: 'normal', port: 3000, rate: 2_000, exit: true },
          },
        ),
      )
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
      expect(lines.length).toBeLessThanOrEqual(23) // one row is the cursor's
      expect(lines[1]).not.toContain('…')
    }
  })
})
