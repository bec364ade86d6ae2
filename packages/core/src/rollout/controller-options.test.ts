import { describe, expect, it } from 'vitest'
import { arm } from '../analysis/arm.fixture.js'
import { errorRate } from '../analysis/error-rate.js'
import { judgeOnce } from '../analysis/judge-once.js'
import { resolveRollout } from './controller-options.js'

const baseline = arm({ requests: 900, errors: 9 })
const { judge } = resolveRollout({ name: 'sentiment', versions: { baseline: 'v1', canary: 'v2' } })

/** What the judge of a rollout that names none says of so many errors. */
const ruling = (requests: number, errors: number) =>
  judgeOnce({ baseline, canary: arm({ requests, errors }), guardrails: [errorRate({ margin: 0.02 })], judge }).checks[0]

describe('a rollout that names no judge', () => {
  it('says nothing of a canary before its 200th observation', () => {
    expect(ruling(199, 199)).toMatchObject({ outcome: 'undecided', rule: 'samples' })
    expect(ruling(200, 200)).toMatchObject({ outcome: 'breached', rule: 'margin' })
  })

  it('waits where an excess beyond the margin may be chance at 1 in 10,000', () => {
    expect(ruling(200, 17)).toMatchObject({ outcome: 'undecided', rule: 'significance' }) // t = 3.74, p = 1.2e-4
    expect(ruling(200, 18)).toMatchObject({ outcome: 'breached', rule: 'margin' }) // t = 3.89, p = 6.7e-5
    expect(ruling(200, 6)).toMatchObject({ outcome: 'held', rule: 'margin' })
  })
})
