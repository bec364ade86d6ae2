import type { Served } from '../controller/served-windows.js'
import { type ByVariant, VARIANTS, type Variant } from '../foundation/vocabulary.js'
import type { Recorder } from '../recorder/recorder-contract.js'
import { textOfVisit } from '../rollout/records.js'
import { isSameForm, mergeStrata, plainForm, type Strata, type StrataForm } from '../summaries/strata.js'
import { countsIn, plusColumns, type StrataColumns, strataOf } from '../summaries/strata-columns.js'
import { createStrataSum } from '../summaries/strata-report.js'

/** The counts by routing bucket of this process alone, or of all processes once this one follows them. */
export interface StrataOfAll extends Pick<Recorder, 'strata' | 'cutStrata'> {
  /**
   * Makes this process count by the forms that are stored. From the first call on, the counts are those of all.
   *
   * @param isAnew whether this process begins to learn for all: then a form that it has asked for earlier is void
   */
  follow(forms: ByVariant<StrataForm | undefined>, isAnew: boolean): void
  /** Notes what all processes have reported; in a window, what they have counted since the call before is added. */
  take(served: Served | undefined, isWindow: boolean): void
  /** Returns the form by which all processes count, or are to count; `undefined` before there is one. */
  formOf(variant: Variant): StrataForm | undefined
}

/** What is known of one version. */
interface Known {
  /** By which all processes count. */
  form: StrataForm
  /** By which this process counts. */
  ownForm: StrataForm
  /** Whether the form is one of all processes, and whether it is not stored yet. */
  isShared: boolean
  isPending: boolean
  /** What all processes have counted in the present generation. */
  open: Strata | null
  /** What they had reported at the last call in this stay; `null` if nothing. */
  reported: StrataColumns | null
}

const createKnown = (): Known => ({
  ...{ form: plainForm, ownForm: plainForm, isShared: false, isPending: false, open: null, reported: null },
})

/** Creates counts of this process alone. */
export function createStrataOfAll(recorder: Pick<Recorder, 'strata' | 'cutStrata'>): StrataOfAll {
  const known: ByVariant<Known> = { baseline: createKnown(), canary: createKnown() }
  let isFollowing = false
  let stay = ''

  const cutOwn: Recorder['cutStrata'] = (form, variant = 'baseline') => {
    known[variant].ownForm = form
    return recorder.cutStrata(form, variant)
  }
  return {
    strata: (variant = 'baseline') => (isFollowing ? known[variant].open : recorder.strata(variant)),
    cutStrata(form, variant = 'baseline') {
      if (!isFollowing) return cutOwn(form, variant)
      const one = known[variant]
      const { open } = one
      const reported = isSameForm(form, one.form) ? one.reported : null // otherwise they all count from zero
      Object.assign(one, { form, isShared: true, isPending: true, open: null, reported })
      return open
    },
    follow(forms, isAnew) {
      for (const variant of VARIANTS) {
        const one = known[variant]
        if (!isFollowing) Object.assign(one, { form: one.ownForm, open: recorder.strata(variant) })
        const form = forms[variant]
        if (form === undefined) continue
        if (!isSameForm(form, one.ownForm)) cutOwn(form, variant)
        const isSame = isSameForm(form, one.form)
        one.isPending &&= !isAnew && !isSame
        if (one.isPending) continue
        one.isShared = true
        if (!isSame) Object.assign(one, { form, open: null, reported: null })
      }
      isFollowing = true
    },
    take(served, isWindow) {
      const before = stay
      stay = served ? textOfVisit(served.of) : ''
      if (served === undefined) return
      for (const variant of VARIANTS) {
        const one = known[variant]
        const sum = createStrataSum(one.form)
        served.addStrata(variant, sum.add)
        const [now, earlier] = [sum.columns(), stay === before ? one.reported : null]
        one.reported = now
        const growth = now && earlier ? plusColumns(now, earlier, -1) : now
        if (isWindow && growth && isGrowth(growth, one.form)) one.open = added(one.open, strataOf(growth, one.form))
      }
    },
    formOf: (variant) => (known[variant].isShared ? known[variant].form : undefined),
  }
}

/** Returns false for the difference of sums of which the later one lacks reports. */
const isGrowth = (columns: StrataColumns, form: StrataForm): boolean =>
  columns.slice(0, countsIn(form)).every((list) => list.every((count) => count >= 0))

const added = (open: Strata | null, more: Strata): Strata => (open === null ? more : mergeStrata(open, more))
