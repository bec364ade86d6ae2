import { manualClock } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { withDeadline } from './deadline.js'

const never = () => new Promise<never>(() => {})

describe('withDeadline', () => {
  it('resolves with the result of the task, and leaves no timer', async () => {
    const clock = manualClock()
    await expect(withDeadline(clock, 1_000, () => 7)).resolves.toBe(7)
    expect(clock.pending).toBe(0)
  })

  it('rejects with what the task throws, immediately or later', async () => {
    const clock = manualClock()
    const thrower = () => {
      throw new Error('at once')
    }
    await expect(withDeadline(clock, 1_000, thrower)).rejects.toThrow('at once')
    await expect(withDeadline(clock, 1_000, () => Promise.reject(new Error('later')))).rejects.toThrow('later')
    expect(clock.pending).toBe(0)
  })

  it('gives up on a task that hangs, and aborts its signal', async () => {
    const clock = manualClock()
    let given: AbortSignal | undefined
    const answer = withDeadline(clock, 1_000, (signal) => {
      given = signal
      return never()
    })
    const refused = expect(answer).rejects.toThrow('no answer within 1000 ms')
    await clock.advance(999)
    expect(given?.aborted).toBe(false)
    await clock.advance(1)
    await refused
    expect(given?.aborted).toBe(true)
  })

  it('rejects as soon as its parent is aborted, and removes its timer', async () => {
    const clock = manualClock()
    const parent = new AbortController()
    const refused = expect(withDeadline(clock, 1_000, never, parent.signal)).rejects.toThrow('no longer wanted')
    parent.abort()
    await refused
    expect(clock.pending).toBe(0)
  })

  it('does not start the task if its parent is already aborted', async () => {
    const clock = manualClock()
    let hasRun = false
    const task = () => {
      hasRun = true
    }
    await expect(withDeadline(clock, 1_000, task, AbortSignal.abort())).rejects.toThrow('no longer wanted')
    expect([hasRun, clock.pending]).toEqual([false, 0])
  })
})
