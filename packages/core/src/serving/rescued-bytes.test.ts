import { describe, expect, it } from 'vitest'
import { stage } from './stage.fixture.js'

const brokenBytes = () =>
  new ReadableStream({
    type: 'bytes',
    pull() {
      throw new Error('canary broke')
    },
  })

/** What a reader gets of a byte stream of the canary that fails, with these chunks of the baseline in its place. */
async function rescuedBytes(...chunks: ArrayBufferView[]): Promise<number[]> {
  const { canary } = await stage()
  async function* old() {
    yield* chunks
  }
  const output = canary.wrap({ baseline: old, canary: brokenBytes }, { fallback: true })() as unknown
  const all: number[] = []
  for await (const chunk of output as AsyncIterable<Uint8Array>) all.push(...chunk)
  return all
}

describe('a byte stream that is continued by chunks of another kind', () => {
  it('does not transfer the memory of a pooled Buffer', async () => {
    const [chunk, neighbour] = [Buffer.from('old'), Buffer.from('neighbour')]
    expect(chunk.buffer).toBe(neighbour.buffer)
    expect(await rescuedBytes(chunk)).toEqual([...Buffer.from('old')])
    expect(neighbour.toString()).toBe('neighbour')
  })

  it('does not transfer a part of a larger memory, or a chunk that the model gives repeatedly', async () => {
    const weights = new Uint8Array([1, 2, 3, 4])
    expect(await rescuedBytes(weights.subarray(1, 3), weights, weights)).toEqual([2, 3, 1, 2, 3, 4, 1, 2, 3, 4])
    expect(weights).toEqual(new Uint8Array([1, 2, 3, 4]))
  })

  it('takes shared memory, a DataView, and a chunk without anything in it', async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(2)).fill(7)
    const view = new DataView(new Uint8Array([8, 9, 10]).buffer, 1, 1)
    expect(await rescuedBytes(new Uint8Array(0), shared, view, new Uint8Array(0))).toEqual([7, 7, 9])
  })
})

it('a byte stream that is not continued passes its chunks on without a copy', async () => {
  const { canary } = await stage()
  const given: ArrayBuffer[] = []
  const bytes = () =>
    new ReadableStream({
      type: 'bytes',
      pull(controller) {
        controller.enqueue(new Uint8Array(4).subarray(0, 2)) // a copy would have no room to spare
        controller.close()
      },
    })
  const output = canary.wrap({ baseline: bytes, canary: bytes }, { fallback: true })()
  for await (const chunk of output as unknown as AsyncIterable<Uint8Array<ArrayBuffer>>) given.push(chunk.buffer)
  expect(given.map(({ byteLength }) => byteLength)).toEqual([4])
})
