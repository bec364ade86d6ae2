import { describe, expect, it } from 'vitest'
import { errorRate } from '../guardrails/kinds/error-rate.js'
import { unansweredRate } from '../guardrails/kinds/unanswered-rate.js'
import { noAnswers } from '../summaries/answer-counts.js'
import { type BakeWindow, bakeMargin, bakeOn, firstBakeWindow } from './bake-window.js'

const first = firstBakeWindow({ ...noAnswers, decided: 10_000 })

/** The looks at which a rollback is asked for, each with so many more decided and unanswered requests after so long. */
function asked(
  looks: readonly (readonly [decided: number, unanswered: number])[],
  everyMs: number,
  leastMs?: number,
): readonly number[] {
  let window: BakeWindow = first
  let [decided, unanswered] = [0, 0]
  return looks.flatMap(([moreDecided, moreUnanswered], at) => {
    decided += moreDecided
    unanswered += moreUnanswered
    const [next, why] = bakeOn(window, { decided, unanswered }, everyMs, 0.02, leastMs)
    window = next
    return why === undefined ? [] : [at + 1]
  })
}

const times = <Item>(count: number, item: Item): readonly Item[] => Array.from({ length: count }, () => item)

describe('windows of a canary that serves everybody', () => {
  it('are 15 s long, and two in a row ask for a rollback', () => {
    expect(asked(times(40, [50, 25]), 1_000)).toEqual([30])
    expect(asked(times(3, [750, 375]), 15_000)).toEqual([2])
  })

  it('are as long as the counts are apart where that is longer', () => {
    expect(asked(times(8, [750, 375]), 15_000, 60_000)).toEqual([8])
    expect(asked(times(4, [750, 375]), 15_000, 1_000)).toEqual([2, 4])
  })

  it('see a process that is scraped a little after another one, though every second look shows none of it', () => {
    const inTurn = Array.from({ length: 8 }, (_, at) => [750, at % 2 === 0 ? 375 : 0] as const)
    expect(asked(inTurn, 15_000)).toEqual([])
    expect(asked(inTurn, 15_000, 30_000)).toEqual([4, 8])
  })

  it('are not ended by looks that see nothing new', () => {
    const scraped = Array.from({ length: 12 }, (_, at) => (at % 4 === 3 ? ([3_000, 600] as const) : ([0, 0] as const)))
    expect(asked(scraped, 15_000)).toEqual([8])
    expect(asked(times(20, [0, 0]), 15_000)).toEqual([])
  })

  it('begin anew where the counts did', () => {
    const [grown] = bakeOn({ ...first, inARow: 1 }, { decided: 900, unanswered: 400 }, 10_000, 0.02)
    expect(bakeOn({ ...grown, decided: 900, unanswered: 400 }, { decided: 80, unanswered: 60 }, 20_000, 0.02)).toEqual([
      { ...first, ms: 0, decided: 80, unanswered: 60, inARow: 1 },
    ])
  })

  it('are plain JSON', () => {
    const [window] = bakeOn(first, { decided: 80, unanswered: 3 }, 5_000, 0.02)
    expect(JSON.parse(JSON.stringify(window))).toEqual(window)
  })

  it('are measured by the smallest margin that rolls back', () => {
    const wide = unansweredRate({ name: 'wide', margin: 0.5 })
    expect(bakeMargin([errorRate(), wide, unansweredRate({ margin: 0.03 })])).toBe(0.03)
    expect(bakeMargin([errorRate(), unansweredRate({ severity: 'observe' })])).toBeUndefined()
  })
})
