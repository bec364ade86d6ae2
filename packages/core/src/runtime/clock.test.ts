import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from './clock.js'

describe('systemClock', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('separates wall time from elapsed time', () => {
    vi.setSystemTime(1_000_000)
    const before = systemClock.elapsed()
    vi.advanceTimersByTime(250)
    expect([systemClock.now(), systemClock.elapsed() - before]).toEqual([1_000_250, 250])
  })

  it('runs a task once, after its time, and not when it was cancelled', () => {
    const ran: string[] = []
    systemClock.schedule(100, () => ran.push('kept'))
    const cancel = systemClock.schedule(100, () => ran.push('cancelled'))
    cancel()
    vi.advanceTimersByTime(99)
    expect(ran).toEqual([])
    vi.advanceTimersByTime(1_000)
    expect(ran).toEqual(['kept'])
  })

  it('does not run a task immediately that is due in a month', () => {
    let hasRun = false
    systemClock.schedule(30 * 86_400_000, () => (hasRun = true))
    vi.advanceTimersByTime(86_400_000)
    expect(hasRun).toBe(false)
  })

  it('runs a task without delay after the event loop has polled for I/O', async () => {
    vi.useRealTimers()
    const ran: string[] = []
    systemClock.schedule(0, () => ran.push('task'), { keepAlive: true })
    systemClock.schedule(0, () => ran.push('cancelled'))()
    await new Promise(setImmediate)
    expect(ran).toEqual(['task'])
  })

  it('returns the CPU time of the process', () => {
    const before = systemClock.busy?.() ?? Number.NaN
    for (const since = process.cpuUsage().user; process.cpuUsage().user - since < 3_000; );
    expect((systemClock.busy?.() ?? Number.NaN) - before).toBeGreaterThanOrEqual(3)
  })

  it('keeps a process alive only with keepAlive', () => {
    vi.useRealTimers()
    const set = vi.spyOn(globalThis, 'setTimeout')
    const cancels = [
      systemClock.schedule(60_000, () => {}),
      systemClock.schedule(60_000, () => {}, { keepAlive: true }),
    ]
    expect(set.mock.results.map(({ value }) => (value as NodeJS.Timeout).hasRef())).toEqual([false, true])
    for (const cancel of cancels) cancel()
    set.mockRestore()
  })
})
