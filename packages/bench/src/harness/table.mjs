const HEAD = ['what', 'aim', 'reached', 'middle half', 'noise', '', 'detail']

/**
 * Returns the rows as a text table.
 *
 * @param {readonly import('./row.mjs').Row[]} rows
 */
export function tableOf(rows) {
  const lines = [HEAD, ...rows.map(cellsOf)]
  const widths = HEAD.map((_, column) => Math.max(...lines.map((cells) => cells[column].length)))
  const text = ([what, ...rest]) =>
    [what.padEnd(widths[0]), ...rest.map((cell, at) => (at === 5 ? cell : cell.padStart(widths[at + 1])))]
      .join('  ')
      .trimEnd()
  return [text(HEAD), widths.map((width) => '-'.repeat(width)).join('  '), ...lines.slice(1).map(text)].join('\n')
}

/**
 * Returns whether a row reaches its aim; `undefined` without an aim.
 *
 * @param {import('./row.mjs').Row} row
 */
export function holds({ most, reached }) {
  return most === null ? undefined : reached.median <= most
}

function cellsOf(row) {
  const { what, most, reached, noise, unit, note = '' } = row
  const figure = (value) => `${digits(value)}${unit === '×' ? '×' : ` ${unit}`}`
  const isSpread = reached.low !== reached.high
  return [
    what,
    most === null ? '–' : `≤ ${figure(most)}`,
    figure(reached.median),
    isSpread ? `${digits(reached.low)}–${digits(reached.high)}` : '–',
    noise === null ? '–' : `${digits(noise.low)}–${digits(noise.high)}`,
    { true: 'ok', false: 'missed', undefined: '' }[String(holds(row))],
    note,
  ]
}

function digits(value) {
  const size = Math.abs(value)
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 || size === 0 ? 2 : 3)
}
