import { describe, expect, it } from 'vitest'
import { headlineOf } from '../../page/model/headline.js'
import type { ShownStatus } from '../../page/model/records.js'
import { statusWith } from './status.fixture.js'

const wait = (what: string, kind = 'evidence') => ({ for: kind as 'evidence', what, have: 0, need: 1 })
const check = (changed: object) =>
  [
    { guardrail: 'speed', severity: 'hold', outcome: 'breached', reason: 'too slow', ...changed },
  ] as unknown as ShownStatus['checks']

describe('the headline', () => {
  it.each<[Partial<ShownStatus>, string, string, string | RegExp]>([
    [{}, 'good', 'In progress', 'Nothing is in the way.'],
    [{ waits: [wait('ms in the step', 'time')] }, 'good', 'In progress', 'Waits for the least time of the step.'],
    [
      { waits: [wait('yes of the gate', 'gate')], waitingFor: 'gate' },
      'wary',
      'Waits for approval',
      /somebody has to say yes/,
    ],
    [{ waits: [wait('canary requests', 'data')] }, 'wary', 'No data', /No finished request/],
    [
      { waits: [wait('canary requests', 'data')], elapsedInStepMs: 5_000 },
      'good',
      'In progress',
      /Waits for canary requests/,
    ],
    [{ checks: check({}) }, 'wary', 'Held', 'speed: too slow.'],
    [{ checks: check({ severity: 'observe' }) }, 'good', 'In progress', 'Nothing is in the way.'],
    [{ enabled: false, inForce: null }, 'bad', 'Switched off', /every request goes to the baseline/],
    [{ enabled: false, inForce: { weight: 0, since: 0 } }, 'bad', 'Switched off', /every request goes to the baseline/],
    [
      { enabled: false, drift: { weight: 4, message: 'the table says 4 %' } },
      'bad',
      'Switched off',
      /table says 4 %\.$/,
    ],
    [
      { enabled: false, heldBy: { by: 'target', code: 'TARGET_FAILED' } },
      'bad',
      'Switched off',
      'The kill switch is thrown, and the target does not take it (TARGET_FAILED).',
    ],
    [{ enabled: false, inForce: { weight: 25, since: 0 } }, 'bad', 'Switched off', /has not taken it yet/],
    [{ heldBy: { by: 'store', code: 'STORE_FAILED' } }, 'bad', 'Store down', /STORE_FAILED/],
    [{ heldBy: { by: 'target', code: 'TARGET_FAILED' } }, 'bad', 'Target refuses', /TARGET_FAILED/],
    [{ drift: { weight: 40, message: 'somebody else' } }, 'bad', 'Drift', 'Somebody else.'],
    [{ mode: 'observe' }, 'wary', 'Observing', /not applied/],
    [{ state: 'rolled-back', reason: 'errors', weight: 0, inForce: null }, 'bad', 'Rolled back', 'Errors.'],
    [{ state: 'rolled-back', reason: 'errors', drift: { weight: 4, message: 'd' } }, 'bad', 'Rolled back', 'D.'],
    [{ state: 'promoted', reason: 'all held' }, 'good', 'Promoted', 'All held.'],
    [{ state: 'idle' }, 'calm', 'Not started', /has not been started/],
    [{ state: 'something new' as 'idle' }, 'wary', 'something new', /./],
  ])('of %o', (changed, tone, state, why) => {
    const headline = headlineOf(statusWith(changed))
    expect(headline).toMatchObject({ tone, state })
    expect(headline.why).toMatch(why)
  })

  it.each<[Partial<ShownStatus>, string]>([
    [{}, 'v2 gets 25 % of the requests: step 2 of 3.'],
    [{ share: 60 }, 'v2 gets 25 % of the requests (60.0 % of the last ones): step 2 of 3.'],
    [{ share: 24 }, 'v2 gets 25 % of the requests: step 2 of 3.'],
    [{ step: 0, weight: 2, inForce: null, state: 'warming' }, 'v2 gets 2 % of the requests, to warm up.'],
    [{ inForce: { weight: 10, since: 0 } }, 'v2 gets 10 % of the requests: step 2 of 3.'],
    [{ enabled: false, inForce: null }, 'v1 serves every request; v2 gets none.'],
    [{ enabled: false, inForce: { weight: 0, since: 0 } }, 'v1 serves every request; v2 gets none.'],
    [{ enabled: false }, 'v2 gets 25 % of the requests: step 2 of 3.'],
    [{ state: 'rolled-back', weight: 0 }, 'v2 gets 25 % of the requests.'],
    [
      { state: 'rolled-back', weight: 0, inForce: null, heldBy: { by: 'target', code: 'TARGET_FAILED' } },
      'How much v2 gets is not known.',
    ],
    [{ inForce: null, drift: { weight: null, message: 'gone' } }, 'How much v2 gets is not known.'],
    [{ state: 'promoted', weight: 100, inForce: null }, 'v2 serves every request.'],
  ])('says what is served: %o', (changed, serving) => {
    expect(headlineOf(statusWith(changed)).serving).toBe(serving)
  })

  it('says how long it takes', () => {
    const eta = { stepMs: 90_000, promotionMs: 7_500_000 }
    expect(headlineOf(statusWith({ eta })).why).toContain(
      'About 1 min 30 s left in this step, 2 h 5 min until promotion.',
    )
  })
})
