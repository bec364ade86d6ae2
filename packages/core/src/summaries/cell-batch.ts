/** Values for cells of an array, which are kept until it is known whether they are to be added. */
export interface CellBatch {
  /** The cell of each value. */
  cells: Int32Array
  values: Float64Array
  length: number
}

/** Creates an empty batch, with room for this many values. */
export const createCellBatch = (most: number): CellBatch => ({
  cells: new Int32Array(most),
  values: new Float64Array(most),
  length: 0,
})

/** Empties a batch, and makes room for this many values. */
export function beginBatch(batch: CellBatch, most: number): void {
  batch.length = 0
  if (batch.cells.length >= most) return
  batch.cells = new Int32Array(2 * most)
  batch.values = new Float64Array(2 * most)
}

/** Keeps a value for a cell. */
export function putInto(batch: CellBatch, cell: number, value: number): void {
  const at = batch.length++
  batch.cells[at] = cell
  batch.values[at] = value
}

/** Adds all values to their cells. Cells beyond the last are those that `further` gives, in this order. */
export function addBatch({ cells, values, length }: CellBatch, to: Float64Array, further: readonly number[]): void {
  for (let at = 0; at < length; at++) {
    const cell = cells[at]!
    to[cell < to.length ? cell : further[cell - to.length]!]! += values[at]!
  }
}
