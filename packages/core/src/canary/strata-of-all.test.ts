import { describe, expect, it } from 'vitest'
import type { Served } from '../controller/served-windows.js'
import { plainForm, STRATUM_COUNT, type Strata, type StrataForm } from '../summaries/strata.js'
import { countsIn, type StrataColumns, strataOf } from '../summaries/strata-columns.js'
import { packStrataReport } from '../summaries/strata-report.js'
import { createStrataOfAll } from './strata-of-all.js'

const next: StrataForm = { ...plainForm, tailBins: [700] }

/** Strata with this many finished calls in each stratum, and nothing else. */
function columns(finished: number, form: StrataForm = plainForm): StrataColumns {
  const length = countsIn(form) + 1
  return Array.from({ length }, (_, at) => new Array<number>(STRATUM_COUNT).fill(at === 0 ? finished : 0))
}

/** What processes have reported of the baseline in a stay. */
const served = (finished: readonly number[], { form = plainForm, visit = 1 } = {}): Served => ({
  of: { epoch: 1, visit },
  counts: {} as Served['counts'],
  addStrata(variant, add) {
    if (variant === 'baseline') for (const each of finished) add(packStrataReport(columns(each, form), form))
  },
})

/** Counts of all processes, and the forms by which this one was made to count. */
function following(own: Strata | null = null) {
  const cuts: StrataForm[] = []
  const all = createStrataOfAll({
    strata: (variant) => (variant === 'canary' ? null : own),
    cutStrata(form) {
      cuts.push(form)
      return null
    },
  })
  const follow = (baseline?: StrataForm, isAnew = false) => all.follow({ baseline, canary: undefined }, isAnew)
  follow()
  return { all, cuts, follow, finished: () => all.strata()?.finished[0] ?? 0 }
}

describe('the strata of all processes', () => {
  it('are what they have counted between two looks', () => {
    const { all, finished } = following()
    all.take(served([100, 50]), false)
    all.take(served([103, 54]), true)
    all.take(served([103, 60]), true)
    expect(finished()).toBe(13)
  })

  it('begin with what this process has counted by itself', () => {
    const { all, finished } = following(strataOf(columns(7), plainForm))
    all.take(served([7]), false)
    all.take(served([9]), true)
    expect(finished()).toBe(9)
  })

  it('begin at zero in a new stay, and leave out a sum that has fallen', () => {
    const { all, finished } = following()
    all.take(served([100]), false)
    all.take(served([4], { visit: 2 }), true)
    all.take(served([], { visit: 2 }), true)
    all.take(served([4], { visit: 2 }), false)
    all.take(served([3], { visit: 2 }), true)
    expect(finished()).toBe(4)
  })

  it('are counted by another form as soon as it is stored', () => {
    const { all, cuts, follow, finished } = following()
    all.take(served([100]), false)
    all.take(served([110]), true)
    expect([all.formOf('baseline'), all.cutStrata(next)?.finished[0]]).toEqual([undefined, 10])
    expect([all.formOf('baseline'), cuts]).toEqual([next, []])
    follow(next)
    all.take(served([120]), true)
    all.take(served([5], { form: next }), true)
    expect([cuts, finished()]).toEqual([[next], 5])
  })

  it('go on where the next generation has the same form', () => {
    const { all, finished } = following()
    all.take(served([100]), false)
    all.cutStrata(plainForm)
    all.take(served([101]), true)
    expect(finished()).toBe(1)
  })

  it('are counted by the form of the process that judged before, also after one that was never stored', () => {
    const { all, follow, finished } = following()
    all.cutStrata(next)
    follow(plainForm)
    expect(all.formOf('baseline')).toEqual(next)
    follow(plainForm, true)
    all.take(served([100]), false)
    all.take(served([101]), true)
    expect([all.formOf('baseline'), finished()]).toEqual([plainForm, 1])
  })
})
