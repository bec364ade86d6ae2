import { describe, expect, it, vi } from 'vitest'
import type { Block } from '../judging/judge.js'
import type { Decision } from './decision.js'
import { mostBytesOf } from './most-bytes.js'
import { breach, heldDecision, stored } from './rollout.fixture.js'
import { bytesOf, fitInto, historyOf, measureAhead } from './stored-size.js'
import type { Turn } from './turn.js'

const decision = (action: Decision['action'], at: number): Decision => ({
  ...heldDecision,
  sequence: 1,
  at,
  action,
  verdict: { kind: 'inconclusive', epoch: 1, step: 1, checks: [breach, breach] },
})
const many = (action: Decision['action'], count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => decision(action, from + at))
const told = (history: readonly Decision[]) => history.map(({ action, at }) => `${action} ${at}`)

describe('the history', () => {
  it('keeps the last twenty holds, in short, and what changed something whole', () => {
    const history = historyOf([...many('advance', 2), ...many('hold', 30, 10)], [decision('hold', 99)], 100)
    expect(history).toHaveLength(22)
    expect(told(history).slice(0, 3)).toEqual(['advance 0', 'advance 1', 'hold 21'])
    expect(history[0]!.verdict?.checks).toHaveLength(2)
    expect(history.at(-1)!.verdict).toEqual({ kind: 'inconclusive', epoch: 1, step: 1, checks: [] })
  })

  it('gives up holds before what changed something, but for the latest', () => {
    const before = [decision('start', 0), ...many('hold', 5, 1), decision('advance', 6), decision('hold', 7)]
    expect(told(historyOf(before, [], 3))).toEqual(['start 0', 'advance 6', 'hold 7'])
    expect(told(historyOf(before, [], 2))).toEqual(['advance 6', 'hold 7'])
    expect(told(historyOf(many('advance', 5), [decision('pause', 9)], 3))).toEqual([
      'advance 3',
      'advance 4',
      'pause 9',
    ])
  })
})

/** Turns are dropped by a bound, which takes each number to be long. */
const WITH_ROOM = 1.25

describe('a stored rollout', () => {
  const turn = (at: number) => ({ context: {}, elapsedInStepMs: at, blocks: ['x'.repeat(1_000)] }) as unknown as Turn
  const large = stored({ turns: [turn(1), turn(2)], history: many('advance', 10) })

  it('is left as it is where it fits', () => {
    expect(fitInto(large, WITH_ROOM * bytesOf(large))).toBe(large)
  })

  it('loses its turns first, the oldest before the others, and says so', () => {
    const withOne = { ...large, turns: [turn(2)], truncated: true }
    expect(fitInto(large, WITH_ROOM * bytesOf(withOne))).toEqual(withOne)
  })

  it('is not written as JSON while turns that are dropped are all that is too much', () => {
    const numbers = { blocks: [Array.from({ length: 90 }, (_, at) => Math.cos(at))] }
    const turns = Array.from({ length: 8 }, (_, at) => ({ ...turn(at), ...numbers })) as unknown as readonly Turn[]
    const lastFour = { ...large, turns: turns.slice(-4) }
    const room = mostBytesOf({ ...lastFour, truncated: true })
    const stringify = vi.spyOn(JSON, 'stringify')
    const fitted = fitInto({ ...large, turns }, room)
    expect(stringify).not.toHaveBeenCalled()
    stringify.mockRestore()
    expect(fitted).toEqual({ ...lastFour, truncated: true })
  })

  it('loses the pasts of its versions before the checks of decisions', () => {
    const past = { version: 'v2', judge: 'evidence', at: 0, windows: 40, learned: 'x'.repeat(500) }
    const rollout = { ...large, pasts: [past] }
    expect(fitInto(rollout, bytesOf({ ...rollout, turns: [] }) + 50)).toEqual({
      ...rollout,
      turns: [],
      truncated: true,
    })
    const smaller = fitInto(rollout, bytesOf({ ...rollout, turns: [] }) - 1)
    expect(smaller).toEqual({ ...large, turns: [], truncated: true })
    expect(fitInto(rollout, bytesOf(smaller) + 1)).toEqual(smaller) // the comma between the turns is not counted
  })

  it('loses checks before decisions, and keeps the latest', () => {
    const fitted = fitInto(large, bytesOf({ ...large, turns: [] }) - 300)
    expect(fitted.history.map(({ verdict }) => verdict?.checks.length)).toEqual([0, 2, 2, 2, 2, 2, 2, 2, 2, 2])
    const least = fitInto(large, 1)
    expect(told(least.history)).toEqual(['advance 9'])
    expect(least.state).toEqual(large.state)
  })

  it.each([300, 900, 1_500, 2_000, 2_500, 4_000, 6_000, 8_000])(
    'with room for %i more bytes than it needs fits',
    (room) => {
      const least = bytesOf(fitInto(large, 1))
      expect(bytesOf(fitInto(large, least + room))).toBeLessThanOrEqual(least + room)
    },
  )

  it('measures what it keeps once, also where a turn has it too', () => {
    const measured: string[] = []
    const part = (name: string) => ({
      toJSON() {
        measured.push(name)
        return name
      },
    })
    const calibration = part('calibration')
    const evidence = part('evidence')
    const turns = [{ ...turn(1), context: { calibration }, evidence }, turn(2)] as unknown as readonly Turn[]
    const rollout = { ...large, calibration: calibration as object, evidence, turns }
    const fits = bytesOf(rollout)
    measured.length = 0
    for (const savedAt of [1, 2, 3]) fitInto({ ...rollout, savedAt }, fits)
    expect(measured.toSorted()).toEqual(['calibration', 'evidence'])
  })

  it('does not measure a block again that was measured when it was made', () => {
    let reads = 0
    const block = {
      get counts() {
        reads += 1
        return 'x'.repeat(100)
      },
    } as unknown as Block
    measureAhead(block)
    fitInto({ ...large, turns: [{ ...turn(1), blocks: [block] }] }, 1_000_000)
    expect(reads).toBe(1)
  })

  it('is measured in bytes, not in characters', () => {
    for (const text of ['a', 'é', '€', '😀', 'a€é😀'])
      expect(bytesOf(text)).toBe(Buffer.byteLength(JSON.stringify(text)))
  })
})
