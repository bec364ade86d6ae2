import { describe, expect, it, vi } from 'vitest'
import { type Audience, observeOnce } from './audience.js'
import type { StreamObserver } from './stream-observer.js'

const observer = (over: Partial<StreamObserver> = {}) => ({
  parked: vi.fn(),
  mayStayUnread: vi.fn(),
  mayHaveOutput: vi.fn(),
  chunk: vi.fn(),
  ended: vi.fn(),
  failed: vi.fn(),
  abandoned: vi.fn(),
  unseen: vi.fn(),
  ...over,
})

/** Adds observers to one source, and returns its audience. */
function audienceOf(observers: readonly StreamObserver[], source: object = {}): Audience {
  let audience: Audience | undefined
  for (const each of observers) observeOnce(source, each, (made) => void (audience = made))
  return audience!
}

describe('the readers of a source that is returned repeatedly', () => {
  it('drops finished calls, so that a source without readers keeps nothing in memory', () => {
    const told = vi.fn()
    const gone = () => observer({ isOver: () => true, chunk: told })
    const here = observer()
    const { everybody } = audienceOf([here, ...Array.from({ length: 2_000 }, gone)])
    everybody.chunk()
    expect(here.chunk).toHaveBeenCalledTimes(1)
    expect(told.mock.calls.length).toBeLessThan(64)
  })

  it('keeps unfinished calls', () => {
    const all = Array.from({ length: 1_000 }, () => ({ ...observer(), ended: vi.fn() }))
    audienceOf(all).everybody.ended()
    expect(all.every(({ ended }) => ended.mock.calls.length === 1)).toBe(true)
  })

  it('tells later calls that it cannot be watched', () => {
    const source = {}
    audienceOf([observer()], source).everybody.unseen()
    const late = observer()
    expect(audienceOf([late], source)).toBe(undefined)
    expect(late.unseen).toHaveBeenCalledTimes(1)
  })
})
