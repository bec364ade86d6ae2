import { pause } from '@model-canary/foundation'
import type { SeenStatus } from '../connection/rollout-client.js'
import type { ExitCode } from '../exit-codes.js'
import type { Failure } from '../failure.js'
import type { FollowListener } from '../following/follow.js'
import { safeJson, safeLines } from '../safe-text.js'
import type { World } from '../world.js'
import { bar } from './bar.js'
import { colorsFor } from './colors.js'
import { eventLine, placeLine, sequenceIn, timeText } from './event-lines.js'
import { createScreen } from './screen.js'
import { statusLines } from './status-lines.js'
import { durationText } from './words.js'

/** A way to show what happens. */
export interface WatchView extends FollowListener {
  /** Shows how it ended. */
  end(code: ExitCode, why: string): void
  /** Gives the terminal back. */
  close(): void
}

/** Writes each event as a line of JSON. */
export function watchAsJson({ stdout }: World): WatchView {
  const write = (event: string, data: unknown): void => stdout.write(`${safeJson({ event, data })}\n`)
  return {
    status: ({ body }) => write('status', body),
    event: ({ event, data }) => write(event, data ?? null),
    trouble: ({ code, message }) => write('stale', { code, message }),
    end: (exit, why) => write('end', { exit, why }),
    close: () => {},
  }
}

/** Writes a line for each change and each decision. */
export function watchAsLines(world: World): WatchView {
  const { stdout, clock } = world
  const colors = colorsFor(stdout, world)
  let place: string | undefined
  let decided = 0 // the decision that was written last, by a status or by an event
  let isStale = false
  const write = (line: string): void => stdout.write(`${line}\n`)
  const now = (): string => timeText(clock.now())
  return {
    status({ view }) {
      if (isStale) write(`${now()} heard again`)
      isStale = false
      const { sequence, text } = view.lastDecision ?? { sequence: 0, text: '' }
      if (place !== undefined && sequence > decided) write(`${now()} ${text}`)
      decided = Math.max(decided, sequence)
      const line = placeLine(view, colors)
      if (line !== place) write(`${now()} ${line}`)
      place = line
    },
    event(event) {
      const sequence = sequenceIn(event)
      if (event.event === 'reset') decided = 0
      if (sequence !== undefined && sequence <= decided) return
      decided = sequence ?? decided
      const line = eventLine(event, clock.now(), colors)
      if (line !== undefined) write(line)
    },
    trouble({ message }) {
      if (!isStale) write(`${now()} stale: ${safeLines(message)}; trying again`)
      isStale = true
    },
    end: (_code, why) => write(`${now()} ${why}`),
    close: () => {},
  }
}

/** The latest events that are shown below a status. */
const EVENTS_SHOWN = 6

/** Draws the status and the latest events again and again. */
export function watchOnScreen(world: World): WatchView {
  const { stdout, clock } = world
  const colors = colorsFor(stdout, world)
  const screen = createScreen(stdout)
  const closed = new AbortController()
  const events: string[] = []
  let seen: SeenStatus | undefined
  let trouble: Failure | undefined
  let heardAtMs = clock.elapsed()

  const stale = (): readonly string[] => {
    if (trouble === undefined) return []
    const since = durationText(clock.elapsed() - heardAtMs)
    const when = seen === undefined ? `nothing heard for ${since}` : `stale: last heard ${since} ago`
    return ['', colors.yellow(`${when}; ${safeLines(trouble.message)}`)]
  }
  const draw = (...more: readonly string[]): void => {
    const lines = seen === undefined ? ['connecting'] : [...statusLines(seen.view, colors), progressOf(seen)]
    screen.draw([...lines, ...(events.length === 0 ? [] : ['', ...events]), ...stale(), ...more])
  }
  const redraw = async (): Promise<void> => {
    while (!closed.signal.aborted) {
      draw()
      await pause(clock, 1_000, closed.signal)
    }
  }
  void redraw()
  return {
    status(latest) {
      seen = latest
      trouble = undefined
      heardAtMs = clock.elapsed()
      draw()
    },
    event(event) {
      const line = eventLine(event, clock.now(), colors)
      if (line !== undefined) events.push(line)
      if (events.length > EVENTS_SHOWN) events.shift()
      draw()
    },
    trouble(reason) {
      trouble = reason
      draw()
    },
    end: (_code, why) => draw('', colors.bold(why)),
    close() {
      closed.abort()
      screen.end()
    },
  }
}

/** Returns the canary's share as a bar. */
const progressOf = ({ view: { weight, isEnabled } }: SeenStatus): string =>
  `${''.padEnd(12)}${bar((isEnabled ? weight : 0) / 100, 40)}`
