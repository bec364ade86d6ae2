import { EventEmitter } from 'node:events'
import { PassThrough, Readable, Writable } from 'node:stream'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { ManualClock } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { requestCanary } from '../http/live-request.js'
import { nodeTie } from '../http/node-tie.js'
import { stage } from './stage.fixture.js'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const only = <Output>(model: () => Output) => ({ baseline: model, canary: model })
const never = () => new Promise<never>(() => {})

async function* endless() {
  for (;;) yield 'chunk'
}

describe('output without any reference to it', () => {
  it.each<[string, () => object]>([
    ['an async generator', () => endless()],
    ['a web stream', () => new ReadableStream({ pull: (controller) => controller.enqueue('chunk') })],
    ['a Node stream', () => new Readable({ read() {} })],
    ['an object with a stream in it', () => ({ stream: endless() })],
  ])('ends the flight of %s without a reader as aborted', async (_, model) => {
    const { canary, counts } = await stage()
    canary.wrap(only(model))()
    await expect
      .poll(() => {
        collect()
        return counts()
      })
      .toEqual({ 'v2 aborted': 1 })
  })

  it('ends the flight of a web stream whose reader was released half way', async () => {
    const { canary, counts } = await stage()
    await (async () => {
      const stream = canary.wrap(only(() => new ReadableStream({ pull: (to) => to.enqueue('chunk') })))()
      const reader = stream.getReader()
      await reader.read()
      reader.releaseLock()
    })()
    await expect
      .poll(() => {
        collect()
        return counts()
      })
      .toEqual({ 'v2 aborted': 1 })
  })
})

describe('a response that was sent', () => {
  const answered = async (model: () => unknown, use: (output: unknown) => unknown = () => {}) => {
    const { canary, clock, counts } = await stage()
    const events = new EventEmitter()
    const state = { statusCode: 200, headersSent: true, writableEnded: false, writableFinished: false }
    const response = Object.assign(events, { ...state, destroyed: false, setHeader() {} })
    const seat = requestCanary(canary, nodeTie(response as never), { request: () => ({}), versionHeader: false })
    const output = seat.run(only(model))
    await use(output)
    Object.assign(response, { writableEnded: true, writableFinished: true, destroyed: true })
    events.emit('close')
    await clock.advance(100)
    return { canary, clock, counts, output }
  }

  it.each<[string, () => unknown, ((output: never) => unknown)?]>([
    ['is never read', endless],
    ['was left half way', endless, (generator: AsyncGenerator) => generator.next()],
    [
      'was read by a few bytes',
      () => Readable.from(['abc', 'def']),
      (stream: Readable) => stream.once('readable', () => stream.read(1)),
    ],
  ])('ends a flight whose stream %s', async (_, model, use) => {
    const { counts } = await answered(model, use as never)
    expect(counts()).toEqual({ 'v2 aborted': 1 })
  })

  it('does not end a stream that is being read', async () => {
    let give = (_: string) => {}
    const waiting = async function* () {
      yield await new Promise<string>((resolve) => (give = resolve))
    }
    const { counts, output } = await answered(waiting, (generator) => {
      void (generator as AsyncGenerator).next()
    })
    expect(counts()).toEqual({ 'v2 in flight': 1 })
    give('chunk')
    await (output as AsyncGenerator).next()
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  describe('whose stream is stuck after its first chunk', () => {
    const stuck = (clock: ManualClock, waitsMs: readonly number[]) =>
      async function* () {
        yield 0
        for (const waitMs of waitsMs) {
          await new Promise<void>((resolve) => void clock.schedule(waitMs, resolve))
          yield waitMs
        }
        await new Promise(() => {})
      }
    const readAll = async (output: AsyncGenerator) => {
      for await (const _ of output);
    }

    it.each<[string, readonly number[], number]>([
      ['response', [], 5_100],
      ['last chunk', [4_000, 4_500], 15_100],
    ])('ends as a timeout 5 s after the %s, and leaves the signal alone', async (_, waitsMs, byMs) => {
      const { clock, counts, seat, response } = await stageWithResponse()
      void readAll(seat.run(only(stuck(clock, waitsMs))))
      await clock.advance(0)
      const { signal } = seat
      response.emit('close')
      await clock.advance(byMs - 5_100)
      expect(counts()).toEqual({ 'v2 in flight': 1 })
      await clock.advance(5_100)
      expect(counts()).toEqual({ 'v2 timeout': 1 })
      expect(signal.aborted).toBe(false)
    })

    it('stays open while the response does', async () => {
      const { clock, counts, seat } = await stageWithResponse()
      void readAll(seat.run(only(stuck(clock, []))))
      await clock.advance(60_000)
      expect(counts()).toEqual({ 'v2 in flight': 1 })
    })
  })

  it('does not end a stream whose reader asks again at once', async () => {
    const { clock, counts, seat, response } = await stageWithResponse()
    const two = async function* () {
      yield 1
      yield 2
    }
    const stream = seat.run(only(two))
    await stream.next()
    response.emit('close')
    await clock.advance(20)
    for await (const _ of stream);
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('does not change a flight that is not parked, or is over', async () => {
    const { canary, counts } = await stage()
    const flight = canary.begin()
    flight.drop()
    expect(flight.isOpen).toBe(true)
    flight.end()
    flight.park(true)
    flight.release()
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('does not end a run that the response did not wait for', async () => {
    let settle = (_: string) => {}
    const { canary, clock, counts, output } = await answered(
      () => new Promise((resolve) => (settle = resolve as never)),
    )
    await clock.advance(5_000)
    expect(counts()).toEqual({ 'v2 in flight': 1 })
    settle('done')
    await output
    expect(canary.metrics().v2).toMatchObject({ successCount: 1, unansweredCount: 0 })
  })

  it('is no answer of a run that gives none: a time limit of the service may have sent it', async () => {
    const { canary, clock, counts } = await answered(() => new Promise(() => {}))
    await clock.advance(20_000)
    expect(counts()).toEqual({ 'v2 in flight': 1 })
    expect(canary.metrics().v2).toMatchObject({ unansweredCount: 1 })
  })
})

describe('a request without a run', () => {
  const begun = async (connection: object) => {
    const stages = await stage()
    const state = {
      statusCode: 200,
      headersSent: true,
      writableEnded: false,
      writableFinished: false,
      destroyed: false,
    }
    const response = Object.assign(new EventEmitter(), { ...state, socket: connection, setHeader() {} })
    const options = { request: () => ({}), versionHeader: false } as const
    void requestCanary(stages.canary, nodeTie(response as never), options).version
    const end = () => {
      Object.assign(response, { writableEnded: true, writableFinished: true, destroyed: true })
      response.emit('close')
    }
    return { ...stages, end }
  }

  it('lasts as long as its response, for events that come each minute or a websocket', async () => {
    const { clock, counts, end } = await begun({ destroyed: false })
    await clock.advance(20 * 60_000)
    expect(counts()).toEqual({ 'v2 in flight': 1 })
    end()
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('ends by itself if its connection was closed', async () => {
    const { clock, counts } = await begun({ destroyed: true })
    await clock.advance(20 * 60_000)
    expect(counts()).toEqual({ 'v2 timeout': 1 })
  })
})

describe('a stream that its response holds', () => {
  it('is kept no longer than the response', async () => {
    const { canary, counts } = await stage()
    const kept = await (async () => {
      const events = new EventEmitter()
      const state = { statusCode: 200, headersSent: true, writableEnded: true, writableFinished: true }
      const response = Object.assign(events, { ...state, destroyed: false, setHeader() {}, body: {} })
      const seat = requestCanary(canary, nodeTie(response as never), { request: () => ({}), versionHeader: false })
      const stream = seat.run(only(() => Readable.from(['a', 'b'])))
      response.body = stream
      await stream.toArray()
      events.emit('close')
      return new WeakRef(stream)
    })()
    expect(counts()).toEqual({ 'v2 success': 1 })
    await expect
      .poll(() => {
        collect()
        return kept.deref() === undefined // a failed look would keep what it saw
      })
      .toBe(true)
  })
})

describe('a later run of a request that stays open', () => {
  it('is kept no longer than it takes', async () => {
    const { canary } = await stage()
    const begun: WeakRef<object>[] = []
    const begin: typeof canary.begin = (request) => {
      const flight = canary.begin(request)
      begun.push(new WeakRef(flight))
      return flight
    }
    const state = { statusCode: 200, headersSent: true, writableEnded: false, writableFinished: false }
    const response = Object.assign(new EventEmitter(), { ...state, destroyed: false, setHeader() {} })
    const options = { request: () => ({}), versionHeader: false } as const
    const seat = requestCanary({ ...canary, begin }, nodeTie(response as never), options)
    for (let run = 0; run < 5; run += 1) seat.run(only(() => 'answer'))
    await expect
      .poll(() => {
        collect()
        return begun.map((flight) => flight.deref() !== undefined)
      })
      .toEqual([true, false, false, false, false])
    seat.run(only(() => 'answer'))
  })
})

describe('maxFlightMs', () => {
  it('ends a call that gives no output as one timeout, 15 minutes after it began', async () => {
    const { canary, clock, counts } = await stage()
    canary.wrap(only(never))()
    await clock.advance(900_000)
    expect(counts()).toEqual({ 'v2 in flight': 1 })
    await clock.advance(1_000)
    expect(counts()).toEqual({ 'v2 timeout': 1 })
    await clock.advance(60_000)
    expect(counts()).toEqual({ 'v2 timeout': 1 })
  })

  it('aborts the signal of the flight, and the call is counted once even if the model answers later', async () => {
    const { canary, clock, counts } = await stage({ maxFlightMs: 1_000 })
    let settle = (_: string) => {}
    let signal: AbortSignal | undefined
    const output = canary.run({}, (flight) => {
      signal = flight.signal
      return new Promise<string>((resolve) => (settle = resolve))
    })
    await clock.advance(2_000)
    expect(signal?.reason).toMatchObject({ code: 'MODEL_TIMEOUT', message: expect.stringContaining('1000 ms') })
    settle('late')
    expect(await output).toBe('late')
    expect(counts()).toEqual({ 'v2 timeout': 1 })
  })

  it.each<[string, (clock: Awaited<ReturnType<typeof stage>>['clock']) => AsyncIterable<unknown>]>([
    [
      'an async generator',
      async function* (clock) {
        for (let chunk = 0; chunk < 10; chunk += 1) {
          await new Promise<void>((resolve) => void clock.schedule(800, resolve))
          yield chunk
        }
      },
    ],
    [
      'a Node stream',
      (clock) => {
        let chunks = 0
        return new Readable({
          objectMode: true,
          read() {
            clock.schedule(800, () => this.push(chunks++ < 10 ? chunks : null))
          },
        })
      },
    ],
  ])('does not end %s that gives an output in time', async (_, model) => {
    const { canary, clock, counts } = await stage({ maxFlightMs: 1_000 })
    const stream = canary.wrap(only(() => model(clock)))()
    const read = (async () => {
      for await (const _ of stream);
    })()
    await clock.advance(7_000)
    expect(counts()).toEqual({ 'v2 in flight': 1 })
    await clock.advance(10_000)
    await read
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('gives a parked stream its full time again when it is read', async () => {
    const { canary, clock, counts } = await stage({ maxFlightMs: 10_000 })
    const silent = async function* () {
      yield 'chunk'
      await never()
    }
    const stream = canary.wrap(only(silent))()
    await stream.next()
    await clock.advance(9_000)
    void stream.next()
    await clock.advance(9_000)
    expect(counts()).toEqual({ 'v2 in flight': 1 })
    await clock.advance(3_000)
    expect(counts()).toEqual({ 'v2 timeout': 1 })
  })

  it('ends a silent stream as a timeout if its reader waits, and as aborted if it has no reader', async () => {
    const { canary, clock, counts } = await stage({ maxFlightMs: 1_000 })
    const silent = new PassThrough()
    const parked = endless()
    let turn = 0
    const generate = canary.wrap(only(() => (turn++ === 0 ? silent : parked)))
    generate()
    silent.resume()
    generate()
    await parked.next()
    await clock.advance(2_000)
    expect(counts()).toEqual({ 'v2 timeout': 1, 'v2 aborted': 1 })
  })

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d', async (maxFlightMs) => {
    await expect(stage({ maxFlightMs })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })
})

describe('a parked reader', () => {
  it('does not count as latency of the model', async () => {
    const { canary, clock } = await stage()
    const chunks = async function* () {
      for (let chunk = 0; chunk < 2; chunk += 1) {
        await new Promise<void>((resolve) => void clock.schedule(100, resolve))
        yield chunk
      }
    }
    const stream = canary.wrap(only(chunks))()
    await clock.advance(5_000)
    const next = async () => {
      const pulled = stream.next()
      await clock.advance(100)
      await pulled
    }
    await next()
    await clock.advance(60_000)
    await next()
    await clock.advance(60_000)
    await stream.next()
    expect(canary.metrics().v2).toMatchObject({ successCount: 1, avgLatencyMs: 200, unansweredCount: 0 })
  })

  it('of a Node stream is recognised by the paused stream', async () => {
    const { canary, clock } = await stage()
    const stream = canary.wrap(only(() => new PassThrough()))()
    const blocked: (() => void)[] = []
    const sink = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => void blocked.push(done) })
    stream.pipe(sink)
    stream.write('a'.repeat(10))
    await expect.poll(() => blocked.length).toBe(1)
    await clock.advance(60_000)
    blocked[0]!()
    stream.end()
    await new Promise((resolve) => sink.on('finish', resolve))
    const { avgLatencyMs, successCount } = canary.metrics().v2
    expect([successCount, avgLatencyMs]).toEqual([1, 0])
  })

  it('has left when its sink closes', async () => {
    const { canary, counts } = await stage()
    const stream = canary.wrap(only(() => Readable.from(endless())))()
    const sink = new Writable({ write: () => {} })
    stream.pipe(sink)
    setImmediate(() => sink.destroy())
    await expect.poll(counts).toEqual({ 'v2 aborted': 1 })
  })
})

describe('close()', () => {
  it('ends every flight, and changes no output', async () => {
    const { canary, counts } = await stage()
    let signal: AbortSignal | undefined
    void canary.run({}, (flight) => {
      signal = flight.signal
      return never()
    })
    canary.wrap(only(() => endless()))()
    await canary.close()
    expect(counts()).toEqual({ 'v2 ignored': 2 })
    expect(signal?.aborted).toBe(false)
  })
})

/** A request whose response was sent, and is about to close. */
async function stageWithResponse() {
  const staged = await stage()
  const state = { statusCode: 200, headersSent: true, writableEnded: true, writableFinished: true }
  const response = Object.assign(new EventEmitter(), { ...state, destroyed: false, setHeader() {} })
  const seat = requestCanary(staged.canary, nodeTie(response as never), { request: () => ({}), versionHeader: false })
  return { ...staged, seat, response }
}
