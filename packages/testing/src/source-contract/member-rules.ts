import { deepEqual, equal, ok } from 'node:assert/strict'
import type { Guardrail } from '@model-canary/core'
import { isNothing, type PlaySource, succeeded } from './stage.js'

/** Every kind of guardrail; the compiler finds one that is missing. */
const KINDS: Readonly<Record<Guardrail['kind'], true>> = {
  errorRate: true,
  timeoutRate: true,
  abortRate: true,
  unansweredRate: true,
  rejectedRate: true,
  latency: true,
  tailLatency: true,
  predictionShift: true,
  scoreShift: true,
  metric: true,
}

/** How a source fails, and what it tells beside its counts. */
export function memberRules(play: PlaySource) {
  return {
    'rejects where the counts cannot be read': play(async ({ place, begin, serve, within }) => {
      const { source, window } = await begin()
      await serve(succeeded(30, 20))
      if (place.breakDown === undefined) throw new Error('pass "breakDown", or skip this rule and say why')
      await place.breakDown()
      const read = source.read(window, new AbortController().signal)
      const answer = await within(
        'read() ends',
        read.then(
          (reading) => (reading === 'no-data' ? 'no-data' : 'counts'),
          () => 'a rejection',
        ),
      )
      equal(answer, 'a rejection', 'read() must reject where the counts cannot be read')
    }),
    'ends a read whose signal is aborted': play(async ({ place, begin, serve, within }) => {
      const { source, window } = await begin()
      await serve(succeeded(30, 20))
      if (place.hang === undefined) throw new Error('pass "hang", or skip this rule and say why')
      await place.hang()
      const leaving = new AbortController()
      const ended = source.read(window, leaving.signal).then(
        () => 'an answer',
        () => 'a rejection',
      )
      setImmediate(() => leaving.abort())
      equal(await within('read() ends when its signal is aborted', ended), 'a rejection')
    }),
    'has the same counts in peek(), at once': play(async ({ begin, nextWindow, serve, counts }) => {
      const { source, window } = await begin()
      if (source.peek === undefined) return
      isNothing(source.peek(window), 'by peek(), and nothing has been served')
      await serve(succeeded(30, 20))
      const { baseline, canary } = await counts(source, window)
      const peeked = source.peek(window)
      ok(peeked !== 'no-data', 'peek() has no data where read() has')
      deepEqual({ baseline: peeked.baseline, canary: peeked.canary }, { baseline, canary })
      isNothing(source.peek(await nextWindow()), 'by peek(), and were served before the window opened')
    }),
    'names only kinds of guardrail that there are': play(async ({ open }) => {
      const { supports = [] } = await open()
      for (const kind of supports) ok(Object.hasOwn(KINDS, kind), `there is no kind of guardrail "${kind}"`)
      equal(new Set(supports).size, supports.length, 'a kind is named twice')
    }),
    'has notes that a person can read, at any time': play(async ({ begin, serve, read }) => {
      const { source, window } = await begin()
      const check = (): void => {
        for (const { id, message, isTrouble } of source.notes?.() ?? []) {
          ok(typeof id === 'string' && id !== '', 'a note needs an id')
          ok(typeof message === 'string' && message !== '', `the note "${id}" needs a sentence`)
          ok(!message.endsWith('.'), `the note "${id}" ends with a full stop, which is added where it is shown`)
          equal(typeof isTrouble, 'boolean', `the note "${id}" must say whether it is trouble`)
        }
      }
      check()
      await serve(succeeded(30, 20))
      await read(source, window)
      check()
    }),
    'knows what it knows at the beginning in plain JSON': play(async ({ open }) => {
      const known = (await open()).calibrate?.()
      if (known !== undefined) deepEqual(JSON.parse(JSON.stringify(known)), known)
    }),
  }
}
