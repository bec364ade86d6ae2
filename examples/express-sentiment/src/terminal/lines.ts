/** The maximum width of all lines. */
export const WIDTH = 80

/** Returns a line of at most `width` characters; "…" marks where it was cut. */
export function cut(line: string, width = WIDTH): string {
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`
}

/** Returns a text in lines of at most `width` characters, broken between words, all but the first indented. */
export function fold(text: string, indent = '', width = WIDTH): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (longer.length > width && line.trim() !== '') {
      lines.push(line)
      line = indent + word
    } else {
      line = longer
    }
  }
  return [...lines, line]
}

/** Returns a line with one text at each end. */
export function ends(left: string, right: string, width = WIDTH): string {
  return left + right.padStart(Math.max(right.length + 1, width - left.length))
}
