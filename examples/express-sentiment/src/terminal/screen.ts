/** Where the live display is written. */
export interface Screen {
  /** Replaces the previous lines. */
  draw(lines: readonly string[]): void
  /** Keeps the last display on the screen, and shows the cursor again. */
  end(): void
}

/** The parts of a terminal that are used. */
export interface Terminal {
  readonly rows?: number | undefined
  write(text: string): unknown
}

const ESCAPE = '\u001b['
const HIDE_CURSOR = `${ESCAPE}?25l`
const SHOW_CURSOR = `${ESCAPE}?25h`
const CLEAR_BELOW = `${ESCAPE}J`
const CLEAR_LINE = `${ESCAPE}K`

const COLOURS: Readonly<Record<string, number>> = {
  held: 32,
  promoted: 32,
  breached: 31,
  'rolled-back': 31,
  undecided: 33,
  warming: 36,
  progressing: 36,
  baking: 36,
}

/** Redraws in place: moves up to the first line, then writes each line. Lines beyond the terminal's height are cut. */
export function liveScreen(terminal: Terminal): Screen {
  let height = 0
  return {
    draw(lines) {
      const shown = lines.slice(0, Math.max(1, (terminal.rows ?? 24) - 1))
      const up = height === 0 ? HIDE_CURSOR : `${ESCAPE}${height}A`
      terminal.write(`${up}${shown.map((line) => `${coloured(line)}${CLEAR_LINE}\n`).join('')}${CLEAR_BELOW}`)
      height = shown.length
    },
    end() {
      if (height > 0) terminal.write(SHOW_CURSOR)
      height = 0
    },
  }
}

/** Colours the first word of a line if it is important. */
function coloured(line: string): string {
  const word = line.split(' ', 1)[0]!
  const colour = Object.hasOwn(COLOURS, word) ? COLOURS[word] : undefined
  return colour === undefined ? line : `${ESCAPE}${colour}m${word}${ESCAPE}0m${line.slice(word.length)}`
}
