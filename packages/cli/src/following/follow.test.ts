import { manualClock } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import type { RolloutClient } from '../connection/rollout-client.js'
import { readStatus } from '../connection/status-view.js'
import { failure } from '../failure.js'
import { follow } from './follow.js'

const STATUS = { name: 's', state: 'progressing', weight: 10, step: 1, epoch: 1 }
const AWAY = failure(3, 'UNREACHABLE', 'nobody is there')

/** Follows a service, whose streams end at once, or that has none. It answers as long as `isThere` says. */
function followed(isThere: (elapsedMs: number) => boolean, patienceMs: number, stream?: string) {
  const clock = manualClock()
  const ended = new AbortController()
  const heard: string[] = []
  const client: RolloutClient = {
    place: 'here',
    ask: async () => ({ status: null, message: 'not asked' }),
    async stream({ onChunk }) {
      if (stream !== undefined) onChunk(stream)
      return { status: stream === undefined ? 404 : 200, body: undefined, retryAfterMs: undefined }
    },
    async status() {
      if (!isThere(clock.elapsed())) throw AWAY
      return { body: STATUS, view: readStatus(STATUS, 'here') }
    },
  }
  const on = {
    status: () => heard.push('status'),
    event: () => heard.push('event'),
    trouble: () => heard.push('trouble'),
  }
  const result = follow({ client, world: { clock }, patienceMs, signal: ended.signal, on })
  return { clock, heard, result, end: () => ended.abort() }
}

describe('following a service', () => {
  it('looks every 2 s where there is no stream', async () => {
    const { clock, heard, result, end } = followed(() => true, 1_000)
    await clock.advance(10_000)
    expect(heard).toEqual(Array.from({ length: 6 }, () => 'status'))
    end()
    expect(await result).toBe(undefined)
    expect(clock.pending).toBe(0)
  })

  it('counts the patience from what was heard last, not from the beginning', async () => {
    const { clock, heard, end, result } = followed((elapsedMs) => elapsedMs < 59_000 || elapsedMs > 65_000, 10_000)
    await clock.advance(90_000)
    expect(heard).toContain('trouble')
    expect(heard.at(-1)).toBe('status')
    end()
    expect(await result).toBe(undefined)
  })

  it('returns the failure once the patience is over', async () => {
    const { clock, heard, result } = followed((elapsedMs) => elapsedMs < 59_000, 10_000)
    await clock.advance(90_000)
    expect(await result).toBe(AWAY)
    const troubles = heard.filter((what) => what === 'trouble').length
    expect(troubles).toBeGreaterThan(2) // it has tried again, with growing pauses
    expect(troubles).toBeLessThan(20)
    expect(clock.pending).toBe(0)
  })

  it.each([
    ['0', 121],
    ['86400000', 7],
  ])('waits neither for nothing nor for days between two streams, whatever they say: %s', async (retry, looks) => {
    const { clock, heard, end, result } = followed(() => true, 1_000, `retry: ${retry}\n\n`)
    await clock.advance(60_000)
    expect(heard).toHaveLength(looks)
    end()
    expect(await result).toBe(undefined)
  })
})
