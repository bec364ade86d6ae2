import { PassThrough } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'
import { unhandledIn } from '../foundation/unhandled.fixture.js'
import { errorOf, stage } from './stage.fixture.js'

/** A model whose answers a test gives by hand. */
function hanging<Output>() {
  let settle = { resolve: (_: Output) => {}, reject: (_: unknown) => {} }
  const model = () => new Promise<Output>((resolve, reject) => (settle = { resolve, reject }))
  return {
    model,
    resolve: (output: Output) => settle.resolve(output),
    reject: (error: unknown) => settle.reject(error),
  }
}

describe('timeoutMs', () => {
  it('rejects MODEL_TIMEOUT when the time is up, not a millisecond earlier', async () => {
    const { canary, clock, counts } = await stage()
    const { model } = hanging<string>()
    const failed = vi.fn()
    canary.wrap({ baseline: model, canary: model }, { timeoutMs: 100 })().catch(failed)
    await clock.advance(99)
    expect(failed).not.toHaveBeenCalled()
    await clock.advance(1)
    expect(failed.mock.calls).toMatchObject([[{ code: 'MODEL_TIMEOUT', message: expect.stringContaining('v2') }]])
    expect(counts()).toEqual({ 'v2 timeout': 1 })
    expect(canary.status().errors.canary).toMatchObject([
      { message: '[MODEL_TIMEOUT] v2 took longer than 100 ms', count: 1 },
    ])
  })

  it('aborts the signal of the flight, with the error as its reason', async () => {
    const { canary, clock } = await stage()
    let signal: AbortSignal | undefined
    const { model } = hanging<string>()
    const output = canary.run(
      {},
      (flight) => {
        signal = flight.signal
        return model()
      },
      { timeoutMs: 100 },
    )
    expect(signal?.aborted).toBe(false)
    const [error] = await Promise.all([errorOf(() => output), clock.advance(100)])
    expect(signal?.aborted).toBe(true)
    expect(signal?.reason).toBe(error)
  })

  it.each(['resolve', 'reject'] as const)('ignores a late %s', async (end) => {
    const { canary, clock, counts } = await stage()
    const late = hanging<unknown>()
    const predictionOf = vi.fn()
    const unhandled = await unhandledIn(async () => {
      const output = canary.wrap({ baseline: late.model, canary: late.model }, { timeoutMs: 100, predictionOf })()
      await Promise.all([errorOf(() => output), clock.advance(100)])
      late[end](new Error('late'))
    })
    expect(unhandled).toEqual([])
    expect(predictionOf).not.toHaveBeenCalled()
    expect(counts()).toEqual({ 'v2 timeout': 1 })
  })

  it.each(['resolve', 'reject'] as const)('leaves no timer behind after a %s of the model', async (end) => {
    const { canary, clock } = await stage()
    const before = clock.pending + 1 // the sweep for unanswered calls
    const { model, ...settle } = hanging<unknown>()
    const output = canary.wrap({ baseline: model, canary: model }, { timeoutMs: 100 })()
    expect(clock.pending).toBe(before + 1)
    settle[end](new Error('in time'))
    await Promise.allSettled([output])
    expect(clock.pending).toBe(before)
  })

  it('gives an error in time to the caller as it is', async () => {
    const { canary, counts } = await stage()
    const error = new Error('broken')
    const model = () => Promise.reject(error)
    expect(await errorOf(canary.wrap({ baseline: model, canary: model }, { timeoutMs: 100 }))).toBe(error)
    expect(counts()).toEqual({ 'v2 error': 1 })
  })

  it('cancels a stream that comes late, and handles its error', async () => {
    const { canary, clock } = await stage()
    const late = hanging<PassThrough>()
    const output = canary.wrap({ baseline: late.model, canary: late.model }, { timeoutMs: 100 })()
    await Promise.all([errorOf(() => output), clock.advance(100)])
    const node = new PassThrough()
    late.resolve(node)
    await clock.advance(0)
    expect(node.destroyed).toBe(true)
    expect(node.listenerCount('error')).toBeGreaterThan(0)
  })

  it('cancels a web stream and a generator that come late', async () => {
    const { canary, clock } = await stage()
    const cancel = vi.fn()
    const finished = vi.fn()
    async function* generate() {
      try {
        yield 1
      } finally {
        finished()
      }
    }
    const generator = generate()
    await generator.next()
    for (const output of [new ReadableStream({ cancel }), generator, Object.freeze({ label: 'no stream' })]) {
      const late = hanging<unknown>()
      const call = canary.wrap({ baseline: late.model, canary: late.model }, { timeoutMs: 100 })()
      await Promise.all([errorOf(() => call), clock.advance(100)])
      late.resolve(output)
      await clock.advance(0)
    }
    expect(cancel).toHaveBeenCalledTimes(1)
    expect(finished).toHaveBeenCalledTimes(1)
  })

  it('is not applied to a stream that is returned in time', async () => {
    const { canary, clock, counts } = await stage()
    async function* slow() {
      await new Promise<void>((resolve) => void clock.schedule(1_000, resolve))
      yield 'chunk'
    }
    const model = async () => slow()
    const stream = await canary.wrap({ baseline: model, canary: model }, { timeoutMs: 100 })()
    const [chunk] = await Promise.all([stream.next(), clock.advance(1_000)])
    expect(chunk.value).toBe('chunk')
    await stream.next()
    expect(counts()).toEqual({ 'v2 success': 1 })
  })
})
