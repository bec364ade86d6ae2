import { describe, expect, it } from 'vitest'
import { createLoopWatch } from './loop-watch.js'

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

  it('is false where the event loop turned after the time was up', () => {
    const { watch } = watched()
    watch.pulse(501)
    expect(watch.wasStopped(500, 1_500)).toBe(false)
  })

  it('is false where the clock does not tell the processor’s time', () => {
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
