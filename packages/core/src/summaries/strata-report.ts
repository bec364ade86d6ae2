import { createCellBatch } from './cell-batch.js'
import { hashOfKey } from './clusters.js'
import { CLUSTER_LISTS } from './packed-clusters.js'
import { readPlaces, writePlaces } from './packed-places.js'
import { createTextWriter } from './packed-text.js'
import { STRATUM_COUNT, type StrataForm, strataForm } from './strata.js'
import { countsIn, plusColumns, type StrataColumns } from './strata-columns.js'
import { createTextReader, isComplete, LARGEST_COUNT, openText, readCount, readNumber } from './text-reader.js'

/** The first character of reported strata: the form that follows. Another form gets another character. */
const STRATA_FORM = 'b'

/** Returns a number that says by what strata were counted; almost never the same for another form. */
const numberOf = (form: StrataForm): number => hashOfKey(JSON.stringify(strataForm(form))) >>> 0

/** Returns strata as a short text, which says by what form they were counted and does not repeat the form. */
export function packStrataReport(columns: StrataColumns, form: StrataForm): string {
  const text = createTextWriter()
  text.count(numberOf(form))
  const counts = countsIn(form)
  columns.forEach((list, at) => {
    if (at < counts) writePlaces(text, list, at === 0 ? undefined : columns[0])
    else for (const value of list) text.number(value)
  })
  return text.sealed(STRATA_FORM)
}

/** The sum of the strata that several processes have counted by one form. */
export interface StrataSum {
  /**
   * Adds reported strata; of another form, nothing. Returns false, and changes nothing, if they cannot be read. It never
   * throws.
   */
  add(text: string): boolean
  /** Returns the sum; `null` if nothing was added. */
  columns(): StrataColumns | null
}

/** Creates an empty sum of strata of a form. */
export function createStrataSum(form: StrataForm): StrataSum {
  const from = createTextReader()
  const batch = createCellBatch(STRATUM_COUNT)
  const counts = countsIn(form)
  const length = counts + 1 + form.metrics.length
  const number = numberOf(form)
  let sum: StrataColumns | null = null
  const readSums = (): readonly number[] => Array.from({ length: STRATUM_COUNT }, () => readNumber(from))
  const readColumns = (): StrataColumns => {
    const columns: (readonly number[])[] = []
    for (let at = 0; at < length; at++) {
      const form = { places: STRATUM_COUNT, reference: columns[0], most: CLUSTER_LISTS[at]?.most ?? LARGEST_COUNT }
      columns.push(at < counts ? readPlaces(from, batch, form) : readSums())
    }
    return columns
  }

  return {
    add(text) {
      if (!openText(from, text, STRATA_FORM)) return false
      if (readCount(from) !== number) return true
      const read = readColumns()
      if (!isComplete(from) || !read.flat().every(Number.isFinite)) return false
      sum = sum === null ? read : plusColumns(sum, read)
      return true
    },
    columns: () => sum,
  }
}
