/**
 * Returns a table as Markdown, in columns of the same width; nothing without rows.
 *
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} body
 */
export function tableText(head, body) {
  if (body.length === 0) return ''
  const widths = head.map((_, column) => Math.max(3, ...[head, ...body].map((cells) => cells[column].length)))
  const lineOf = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`
  return [lineOf(head), lineOf(widths.map((width) => '-'.repeat(width))), ...body.map(lineOf)].join('\n')
}
