import { LONGEST_NAME } from '../foundation/options.js'
import { CLASS_ROWS } from '../summaries/counts-by-place.js'
import type { NameTable } from '../summaries/name-table.js'

/** Stands for a class without a row. */
export const NO_ROW = -2

/** Stands for a slot whose label has not been looked up. */
const UNKNOWN = -1

/** Assigns rows to predicted classes. A class keeps its row, even if its label changes its slot. */
export interface ClassRows {
  readonly byteLength: number
  /** The names of the classes by row. */
  readonly names: readonly string[]
  /** Returns the row of the class with a label slot, or {@link NO_ROW}. */
  rowOf(labelSlot: number): number
  /** Must be called when labels have changed their slots. */
  forgetSlots(): void
}

/** Creates rows for the first classes that occur, or for the given ones, of which there are at most twelve. */
export function createClassRows(labels: NameTable, classes?: readonly string[]): ClassRows {
  const rowOfSlot = new Int8Array(labels.capacity + 1).fill(UNKNOWN)
  const names: string[] = [...(classes ?? [])]
  let isFull = classes !== undefined

  /** Returns the row of a label. Once "other" was used, new labels get no row: they may have been counted there. */
  const rowFor = (name: string | undefined): number => {
    if (name === undefined) {
      isFull = true
      return NO_ROW
    }
    const row = names.indexOf(name)
    if (row >= 0) return row
    if (isFull || names.length === CLASS_ROWS) return NO_ROW
    return names.push(name) - 1
  }

  return {
    byteLength: rowOfSlot.byteLength + CLASS_ROWS * LONGEST_NAME * 2,
    names,
    rowOf(labelSlot) {
      if (rowOfSlot[labelSlot] === UNKNOWN) rowOfSlot[labelSlot] = rowFor(labels.names[labelSlot])
      return rowOfSlot[labelSlot]!
    },
    forgetSlots() {
      rowOfSlot.fill(UNKNOWN)
    },
  }
}
