import { describe, expect, it } from 'vitest'
import { behaviourOf } from './behaviours.js'
import { CELLS, type Cell, nameOf, type SurfaceName } from './cells.js'
import { type Played, play, type Reach } from './play.js'

/** The longest time in which a harm may go on, in milliseconds. */
const MOST_HARM_MS = 120_000

/** Registers a test for each cell of a surface. */
export function promiseOf(surface: SurfaceName, reach: Reach): void {
  describe(surface, () => {
    for (const cell of CELLS) {
      if (cell.surface === surface) it(nameOf(cell), async () => expectKept(cell, await play(cell, reach)))
    }
  })
}

/** Harm is seen and undone, good goes through, and nothing of ours fails a request. */
function expectKept(cell: Cell, { elapsedMs, sent, counted, reason, alerts, ...played }: Played): void {
  const { ending, blames } = behaviourOf(cell.behaviour)
  const isGood = ending === null
  expect({ ...played, counted, reason: isGood ? reason : null, alerts: isGood ? alerts : [] }).toEqual({
    state: isGood ? 'promoted' : 'rolled-back',
    reason: isGood ? expect.anything() : null,
    alerts: [],
    counted: sent,
    wrong: [],
    internalErrors: [],
    inFlight: isGood ? 0 : expect.any(Number),
  })
  if (isGood) return
  expect(reason).toMatch(blames!)
  expect(elapsedMs).toBeLessThanOrEqual(MOST_HARM_MS)
}
