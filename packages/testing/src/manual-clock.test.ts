import { systemClock } from '@model-canary/core'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { manualClock } from './manual-clock.js'

describe('manualClock', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('stands still until it is advanced', async () => {
    const clock = manualClock({ startMs: 5_000 })
    await new Promise(setImmediate)
    expect([clock.now(), clock.elapsed()]).toEqual([5_000, 0])
    await clock.advance(250)
    expect([clock.now(), clock.elapsed()]).toEqual([5_250, 250])
  })

  it('runs due tasks in the order of their due time, each at its own time', async () => {
    const clock = manualClock()
    const seen: string[] = []
    for (const delay of [30, 10, 20]) clock.schedule(delay, () => seen.push(`${delay} at ${clock.elapsed()}`))
    await clock.advance(100)
    expect(seen).toEqual(['10 at 10', '20 at 20', '30 at 30'])
  })

  it('runs tasks that are due together in the order in which they were scheduled', async () => {
    const clock = manualClock()
    const seen: string[] = []
    clock.schedule(10, () => seen.push('first'))
    clock.schedule(5, () => clock.schedule(5, () => seen.push('third')))
    clock.schedule(10, () => seen.push('second'))
    await clock.advance(10)
    expect(seen).toEqual(['first', 'second', 'third'])
  })

  it('runs a task that is due exactly at the end of the span, and no later one', async () => {
    const clock = manualClock()
    const seen: number[] = []
    clock.schedule(10, () => seen.push(10))
    clock.schedule(11, () => seen.push(11))
    await clock.advance(10)
    expect(seen).toEqual([10])
    expect(clock.pending).toBe(1)
    await clock.advance(1)
    expect(seen).toEqual([10, 11])
  })

  it('runs tasks that are scheduled on the way when they fall due within the span', async () => {
    const clock = manualClock()
    const ticks: number[] = []
    const tick = () => {
      ticks.push(clock.elapsed())
      clock.schedule(10, tick)
    }
    clock.schedule(10, tick)
    await clock.advance(35)
    expect(ticks).toEqual([10, 20, 30])
    expect(clock.pending).toBe(1)
  })

  it('waits for the promises of a task before it runs the next one', async () => {
    const clock = manualClock()
    const seen: string[] = []
    clock.schedule(10, async () => {
      for (let hop = 0; hop < 50; hop++) await null
      await new Promise(setImmediate)
      await new Promise(setImmediate)
      seen.push(`settled at ${clock.elapsed()}`)
    })
    clock.schedule(20, () => seen.push('next'))
    await clock.advance(20)
    expect(seen).toEqual(['settled at 10', 'next'])
  })

  it('sees tasks that an unsettled promise schedules just before the walk', async () => {
    const clock = manualClock()
    const seen: string[] = []
    void Promise.resolve().then(() => clock.schedule(5, () => seen.push('ran')))
    await clock.advance(5)
    expect(seen).toEqual(['ran'])
  })

  it('does not run a cancelled task, and cancelling twice or late does nothing', async () => {
    const clock = manualClock()
    const seen: string[] = []
    const cancelA = clock.schedule(10, () => seen.push('a'))
    const cancelB = clock.schedule(10, () => seen.push('b'))
    cancelA()
    cancelA()
    expect(clock.pending).toBe(1)
    await clock.advance(10)
    cancelB()
    expect(seen).toEqual(['b'])
    expect(clock.pending).toBe(0)
  })

  it('lets a task cancel another one that is due at the same time', async () => {
    const clock = manualClock()
    const seen: string[] = []
    clock.schedule(10, () => cancel())
    const cancel = clock.schedule(10, () => seen.push('too late'))
    await clock.advance(10)
    expect(seen).toEqual([])
  })

  it('changes only the wall time when it jumps', async () => {
    const clock = manualClock({ startMs: 0 })
    const seen: number[] = []
    clock.schedule(1_000, () => seen.push(clock.elapsed()))
    clock.jump(3_600_000)
    expect([clock.now(), clock.elapsed(), clock.pending]).toEqual([3_600_000, 0, 1])
    clock.jump(-7_200_000)
    expect(clock.now()).toBe(-3_600_000)
    await clock.advance(1_000)
    expect(seen).toEqual([1_000])
  })

  it('accepts keepAlive, as the system clock does', async () => {
    const clock = manualClock()
    const task = vi.fn()
    clock.schedule(1, task, { keepAlive: true })
    await clock.advance(1)
    expect(task).toHaveBeenCalledTimes(1)
    const shared = Object.keys(systemClock).filter((name) => name !== 'busy') // virtual time says nothing of the processor
    expect(Object.keys(clock)).toEqual(expect.arrayContaining(shared))
  })

  it('rejects with what a task throws, and can be advanced further', async () => {
    const clock = manualClock()
    const seen: string[] = []
    clock.schedule(10, () => {
      throw new Error('broken task')
    })
    clock.schedule(20, () => seen.push('later'))
    await expect(clock.advance(20)).rejects.toThrow('broken task')
    expect(clock.elapsed()).toBe(10)
    await clock.advance(10)
    expect(seen).toEqual(['later'])
  })

  it('advances by one span after the other when two are requested at once', async () => {
    const clock = manualClock()
    const seen: number[] = []
    clock.schedule(15, () => seen.push(clock.elapsed()))
    await Promise.all([clock.advance(10), clock.advance(10)])
    expect(clock.elapsed()).toBe(20)
    expect(seen).toEqual([15])
  })

  it('works while the timers of the runner are faked', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'setImmediate', 'queueMicrotask', 'Date', 'performance'] })
    const clock = manualClock()
    const task = vi.fn()
    clock.schedule(10, task)
    await clock.advance(10)
    expect(task).toHaveBeenCalledTimes(1)
  })

  it('runs five thousand ticks in well under a second of CPU time', async () => {
    const clock = manualClock()
    let ticks = 0
    const tick = () => {
      ticks += 1
      clock.schedule(1, tick)
    }
    clock.schedule(1, tick)
    const before = process.cpuUsage()
    await clock.advance(5_000)
    expect(ticks).toBe(5_000)
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(900)
  })

  it('stops a task that schedules itself again without any delay', async () => {
    const clock = manualClock()
    const again = () => clock.schedule(0, again)
    again()
    await expect(clock.advance(1)).rejects.toThrow('without any delay')
  })

  it('treats a delay below zero as zero, and refuses a delay or a span that is not a number', async () => {
    const clock = manualClock()
    const task = vi.fn()
    clock.schedule(-5, task)
    await clock.advance(0)
    expect(task).toHaveBeenCalledTimes(1)
    expect(() => clock.schedule(Number.NaN, task)).toThrow('INVALID_OPTION')
    await expect(clock.advance(-1)).rejects.toThrow('INVALID_OPTION')
    await expect(clock.advance(Number.POSITIVE_INFINITY)).rejects.toThrow('INVALID_OPTION')
  })
})
