import { manualClock } from '@model-canary/testing'
import { describe, expect, it, vi } from 'vitest'
import { CanaryError } from '../foundation/errors.js'
import type { Decision } from '../rollout/decision.js'
import { createEvents } from './events.js'
import { logEvents } from './log-events.js'

const logged = () => {
  const logger = { info: vi.fn(), warn: vi.fn(), error: vi.fn() }
  const events = createEvents(manualClock())
  logEvents('sentiment', events, logger)
  return { events, logger }
}

const decision = (part: Partial<Decision>) => ({ applied: true, actor: 'judge', ...part }) as Decision

describe('logEvents', () => {
  it('logs each event in one line at its level', () => {
    const { events, logger } = logged()
    events.emit('decision', decision({ action: 'advance', step: 1, reason: 'all guardrails hold' }))
    events.emit('decision', decision({ action: 'rollback', reason: 'too slow', applied: false }))
    events.emit('step', { epoch: 2, from: 1, to: 2, weight: 25 })
    events.emit('step', { epoch: 2, from: 0, to: 0, weight: 2 })
    events.emit('step', { epoch: 2, from: 0, to: 1, weight: 10 })
    events.emit('promoted', { epoch: 2, reason: 'baked' })
    events.emit('rolled-back', { epoch: 2, reason: 'errors' })
    const failure = { message: 'bad weights file', count: 7, lastAt: 0 }
    events.emit('rolled-back', { epoch: 3, reason: 'errors', errors: [failure, { ...failure, message: 'other' }] })
    events.emit('model-error', { at: 0, variant: 'canary', version: 'v2', ...failure })
    events.alert('no-data', 'nobody came')
    events.report(new CanaryError('KEY_FAILED', 'threw'))
    expect(logger.info.mock.calls).toEqual([
      ['[canary sentiment] advance from step 1 by judge: all guardrails hold'],
      ['[canary sentiment] rollback (observed only) by judge: too slow'],
      ['[canary sentiment] from step 1 to step 2 of epoch 2, at 25 % of the requests'],
      ['[canary sentiment] the warm-up of epoch 2, at 2 % of the requests'],
      ['[canary sentiment] from the warm-up to step 1 of epoch 2, at 10 % of the requests'],
      ['[canary sentiment] promoted: baked'],
    ])
    expect(logger.warn.mock.calls).toEqual([
      ['[canary sentiment] rolled back, to 0 % of the requests: errors'],
      [
        "[canary sentiment] rolled back, to 0 % of the requests: errors; the canary's latest error, 7 times: bad weights file",
      ],
      ['[canary sentiment] v2 failed (7 so far): bad weights file'],
      ['[canary sentiment] no-data: nobody came'],
    ])
    expect(logger.error.mock.calls).toEqual([['[canary sentiment] [KEY_FAILED] threw (1 so far)']])
  })

  it('logs a rollback in one line, without its step and its decision', () => {
    const { events, logger } = logged()
    events.emit('step', { epoch: 1, from: 1, to: 1, weight: 0 })
    const place = {
      actor: 'judge',
      step: 1,
      weight: 10,
      elapsedInStepMs: 42_400,
      requests: { baseline: 74, canary: 6 },
    }
    events.emit('rolled-back', { epoch: 1, reason: 'error rate 50 % of 6 against 0 % of 74', ...place })
    events.emit('decision', decision({ action: 'rollback', reason: 'error rate 50 % of 6 against 0 % of 74' }))
    const lines = [logger.info, logger.warn, logger.error].flatMap(({ mock }) => mock.calls.flat())
    expect(lines).toEqual([
      '[canary sentiment] rolled back by judge, to 0 % instead of 10 % of the requests (after 42 s in step 1, 6 canary and 74 baseline requests): error rate 50 % of 6 against 0 % of 74',
    ])
  })

  it('logs a decision that is not applied once, and again after another decision', () => {
    const { events, logger } = logged()
    for (const action of ['rollback', 'rollback', 'hold', 'rollback', 'advance'] as const) {
      events.emit('decision', decision({ action, reason: 'why', applied: action === 'hold' }))
    }
    expect(logger.info.mock.calls.map(([line]) => String(line).split(' ')[2])).toEqual([
      'rollback',
      'rollback',
      'advance',
    ])
  })

  it('does not log holds', () => {
    const { events, logger } = logged()
    events.emit('decision', decision({ action: 'hold', reason: 'waits for time' }))
    expect(logger.info).not.toHaveBeenCalled()
  })

  it('stays on one line, even if a reason has line breaks', () => {
    const { events, logger } = logged()
    events.emit('promoted', { epoch: 1, reason: 'fine\n[canary sentiment] rolled back: forged' })
    expect(logger.info.mock.calls).toEqual([
      ['[canary sentiment] promoted: fine [canary sentiment] rolled back: forged'],
    ])
  })

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('disk full')
      },
    ],
    ['rejects', async () => Promise.reject(new Error('disk far'))],
  ])('counts a logger that %s, and does not loop', async (_, failing) => {
    const events = createEvents(manualClock())
    logEvents('sentiment', events, { info: failing, warn: failing, error: failing })
    events.emit('decision', decision({ action: 'advance', reason: 'fine' }))
    events.emit('promoted', { epoch: 1, reason: 'fine' })
    await new Promise(setImmediate)
    expect(events.counts()).toEqual({ LISTENER_FAILED: 3 }) // the two, and once the line that should have told of it
  })
})
