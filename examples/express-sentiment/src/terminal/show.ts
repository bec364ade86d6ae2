import { createPlainLog } from './plain-log.js'
import { liveScreen, type Terminal } from './screen.js'
import type { Snapshot } from './snapshot.js'
import { view } from './view.js'

/** Shows a rollout while it happens. */
export interface Show {
  say(lines: readonly string[]): void
  update(snapshot: Snapshot): void
  /** Called after the last update. A second call does nothing. */
  end(): void
}

/** A live display on a terminal, plain lines elsewhere. */
export function createShow(output: Terminal & { readonly isTTY?: boolean }): Show {
  const say = (lines: readonly string[]): void => {
    if (lines.length > 0) output.write(`${lines.join('\n')}\n`)
  }
  if (!output.isTTY) {
    const linesOf = createPlainLog()
    return { say, update: (snapshot) => say(linesOf(snapshot)), end() {} }
  }
  const screen = liveScreen(output)
  return { say, update: (snapshot) => screen.draw(view(snapshot)), end: screen.end }
}
