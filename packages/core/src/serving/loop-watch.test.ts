import { describe, expect, it } from 'vitest'
import { createLoopWatch } from './loop-watch.js'

/** A watch over a process of which a test says what time it is, and for how long it has been busy. */
function watchAt() {
  const now = { at: 0, busyMs: 0 }
  const watch = createLoopWatch({ elapsed: () => now.at, busy: () => now.busyMs })
  /** Time passes, of which so much was used. */
  const pass = (ms: number, busyMs: number) => {
    now.at += ms
    now.busyMs += busyMs
  }
  const pulse = () => watch.pulse(now.at)
  return { watch, now, pass, pulse }
}

describe('a watch over the event loop', () => {
  it('distinguishes a process that was stopped from one that computed', () => {
    const { watch, now, pass, pulse } = watchAt()
    pulse()
    pass(2_000, 5)
    expect(watch.wasStopped(500, now.at)).toBe(true)
    pass(0, 1_500)
    expect(watch.wasStopped(500, now.at)).toBe(false)
  })

  it('does so, too, if the pulse runs first after the process wakes', () => {
    const { watch, now, pass, pulse } = watchAt()
    pulse()
    pass(2_000, 5)
    pulse()
    pass(3, 3)
    expect(watch.wasStopped(500, now.at)).toBe(true)
    pulse() // a turn of the loop later nobody was stopped
    expect(watch.wasStopped(500, now.at)).toBe(false)
  })

  it('does not count computing before such a pulse as a stop', () => {
    const { watch, now, pass, pulse } = watchAt()
    pulse()
    pass(2_000, 1_900)
    pulse()
    expect(watch.wasStopped(500, now.at)).toBe(false)
  })
})

/** A watch whose process has used so much of the processor by now. */
function watched() {
  let used = 0
  const watch = createLoopWatch({ elapsed: () => 0, busy: () => used })
  return { watch, use: (ms: number) => (used += ms) }
}

describe('wasStopped', () => {
  it.each([
    ['all', 1_000, false],
    ['more than half', 600, false],
    ['less than half', 400, true],
    ['none', 0, true],
  ])('of a process that computed for %s of the time', (_, usedMs, expected) => {
    const { watch, use } = watched()
    use(usedMs)
    expect(watch.wasStopped(500, 1_500)).toBe(expected)
  })

  it('counts what was used since the last pulse alone', () => {
    const { watch, use } = watched()
    use(5_000)
    watch.pulse(400)
    use(10)
    expect(watch.wasStopped(500, 1_500)).toBe(true)
  })

  it('is false if the clock has no processor time', () => {
    const watch = createLoopWatch({ elapsed: () => 0 })
    watch.pulse(0)
    expect(watch.wasStopped(500, 1_500)).toBe(false)
  })
})

describe('blockedMs', () => {
  it('is the sum of all but ordinary turns', () => {
    const { watch } = watched()
    for (const ms of [2, 3, 600]) watch.blocked(ms)
    expect(watch.blockedMs).toBe(603)
  })
})
