import type { Output } from '../world.js'

/** Lines on a terminal that are drawn again in the same place. */
export interface Screen {
  /** Shows these lines in place of the earlier ones. */
  draw(lines: readonly string[]): void
  /** Leaves the latest lines where they are, and gives the cursor back. */
  end(): void
}

const ESCAPE = '\u001b['
const HIDE_CURSOR = `${ESCAPE}?25l`
const SHOW_CURSOR = `${ESCAPE}?25h`
/** What is wider than was reckoned is cut by the terminal, so that a line stays one line. */
const NO_WRAP = `${ESCAPE}?7l`
const WRAP = `${ESCAPE}?7h`
const CLEAR_LINE = `${ESCAPE}2K`
const CLEAR_BELOW = `${ESCAPE}0J`

/** Creates a screen at the place of the cursor. */
export function createScreen(output: Output): Screen {
  let height = 0
  output.write(HIDE_CURSOR)
  return {
    draw(lines) {
      const shown = lines.slice(0, Math.max(1, output.rows - 1)).map((line) => cutTo(output.columns, line))
      const back = height === 0 ? '' : `${ESCAPE}${height}A`
      height = shown.length
      output.write(`${back}\r${NO_WRAP}${shown.map((line) => `${CLEAR_LINE}${line}\n`).join('')}${CLEAR_BELOW}${WRAP}`)
    },
    end: () => output.write(SHOW_CURSOR),
  }
}

/** The colours of a line, which take no room. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: a colour begins with one
const COLOUR = /(\u001b\[[0-9;]*m)/

/** Returns a line of at most this many characters; a longer one ends with an ellipsis. Colours stay complete. */
export function cutTo(columns: number, line: string): string {
  const parts = line.split(COLOUR)
  const length = parts.reduce((sum, part, at) => sum + (at % 2 === 0 ? [...part].length : 0), 0)
  if (length <= columns) return line
  let left = columns - 1
  const kept = parts.map((part, at) => {
    if (at % 2 === 1) return part
    const characters = [...part].slice(0, left)
    left -= characters.length
    return characters.join('')
  })
  return `${kept.join('')}…`
}
