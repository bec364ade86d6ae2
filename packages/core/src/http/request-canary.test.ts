import { EventEmitter } from 'node:events'
import { Readable } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'
import type { Canary } from '../canary/canary.js'
import { unhandledIn } from '../foundation/unhandled.fixture.js'
import { tripwire } from '../recorder/tripwire.js'
import { always, errorOf, stage } from '../serving/stage.fixture.js'
import { requestCanary } from './live-request.js'
import { nodeTie } from './node-tie.js'
import type { RequestCanaryOptions } from './request-canary.js'

/** As much of a `ServerResponse` as counts here; real ones are in the adapters' contract. */
function fakeResponse() {
  const events = new EventEmitter()
  const headers: Record<string, string> = {}
  const response = {
    statusCode: 200,
    writableEnded: false,
    writableFinished: false,
    headersSent: false,
    destroyed: false,
    headers,
    setHeader: (name: string, value: string) => void (headers[name] = value),
    on: (event: 'close', listener: () => void) => events.on(event, listener),
    listeners: () => events.listeners('close'),
    finish(statusCode = 200) {
      Object.assign(response, { statusCode, headersSent: true, writableEnded: true, writableFinished: true })
      Object.assign(response, { destroyed: true })
      events.emit('close')
    },
    leave() {
      response.destroyed = true
      events.emit('close')
    },
  }
  return response
}

const mounted = (canary: Canary<'v1' | 'v2'>, options: Partial<RequestCanaryOptions> = {}) =>
  mountedOn(fakeResponse(), canary, options)

function mountedOn(
  response: ReturnType<typeof fakeResponse>,
  canary: Canary<'v1' | 'v2'>,
  options: Partial<RequestCanaryOptions> = {},
) {
  const request = vi.fn(() => ({ key: 'ann' }))
  const seat = requestCanary(canary, nodeTie(response), { request, versionHeader: 'x-model-version', ...options })
  return { seat, response, request }
}

const broken = (): never => {
  throw new Error('canary broke')
}

describe('a request that does not touch its canary', () => {
  it('is not routed, counted or named, and gets no listeners', async () => {
    const { canary, counts } = await stage()
    const { response, request } = mounted(canary)
    response.finish()
    expect(counts()).toEqual({})
    expect(request).not.toHaveBeenCalled()
    expect(response.headers).toEqual({})
    expect(response.listeners()).toHaveLength(0)
  })
})

describe('models that were checked once', () => {
  it('are served as they are, and not looked at again', async () => {
    const { canary, counts } = await stage()
    const models = canary.models({ baseline: (x: number) => x, canary: (x: number) => x * 2 }, { timeoutMs: 50 })
    const keys = vi.spyOn(Object, 'keys')
    const { seat } = mounted(canary)
    expect(seat.run(models, 21)).toBe(42)
    expect(keys.mock.calls.filter(([object]) => object === models)).toEqual([])
    expect(counts()).toEqual({ 'v2 success': 1 })
    keys.mockRestore()
  })

  it('are checked at every call where they are a literal', async () => {
    const { canary } = await stage()
    const { seat } = mounted(canary)
    const literal = { ...canary.models({ baseline: () => 1, canary: () => 2 }), timeoutMs: 0 }
    expect(await errorOf(() => seat.run(literal))).toMatchObject({ code: 'INVALID_OPTION' })
  })
})

it('serves an instance of a class that keeps something in itself from its first call on', async () => {
  const { canary, counts } = await stage()
  class Sentiment {
    session: string | undefined
    baseline(text: string) {
      this.session ??= 'loaded'
      return `v1 ${text}`
    }
    canary(text: string) {
      this.session ??= 'loaded'
      return `v2 ${text}`
    }
  }
  const models = new Sentiment()
  expect([1, 2].map(() => mounted(canary).seat.run(models, 'hi'))).toEqual(['v2 hi', 'v2 hi'])
  expect(models.session).toBe('loaded')
  expect(counts()).toEqual({ 'v2 success': 2 })
})

describe('plain ways to use it', () => {
  it('destructured methods work', async () => {
    const { canary, counts } = await stage()
    const { seat, response } = mounted(canary)
    const { run, record, peek } = seat
    expect(peek()).toBeUndefined()
    expect(run({ baseline: () => 1, canary: () => 2 })).toBe(2)
    expect(peek()).toMatchObject({ version: 'v2' })
    record({ prediction: 'late' })
    response.finish()
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('a peek assigns and counts nothing, before, during and after the response', async () => {
    const { canary, counts } = await stage()
    const { seat, request, response } = mounted(canary)
    expect(seat.peek()).toBeUndefined()
    response.finish()
    expect(seat.peek()).toBeUndefined()
    expect([counts(), request.mock.calls]).toEqual([{}, []])
  })

  it('an access log that reads the version once the answer went out counts nothing, and reads one answer', async () => {
    const { canary, counts } = await stage()
    const { seat, response } = mounted(canary)
    response.finish()
    expect([seat.version, seat.variant, seat.assignment.id]).toEqual(['v2', 'canary', seat.assignment.id])
    expect(counts()).toEqual({})
  })

  it('a version that is read once the answer went out is the one that runs then, and the key is read once', async () => {
    let turn = 0
    const pick = () => (turn++ % 2 === 0 ? ('canary' as const) : ('baseline' as const))
    const { canary, counts } = await stage({ strategy: { name: 'in turn', unit: 'request', pick } })
    const { seat, response, request } = mounted(canary)
    response.finish(202)
    const { version } = seat
    const models = { baseline: () => 'v1', canary: () => 'v2' }
    expect([version, seat.run(models), seat.version, seat.peek()?.version]).toEqual(['v2', 'v2', 'v2', 'v2'])
    expect(request).toHaveBeenCalledTimes(1)
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('a model that runs after a 202 is counted, and the 202 is not', async () => {
    const { canary, counts } = await stage()
    const { seat, response } = mounted(canary)
    void seat.version
    response.finish(202)
    expect(counts()).toEqual({ 'v2 ignored': 1 })
    expect(await errorOf(async () => seat.run({ baseline: broken, canary: broken }))).toBeInstanceOf(Error)
    expect(counts()).toEqual({ 'v2 ignored': 1, 'v2 error': 1 })
  })

  it('a dozen canaries of one request have one listener, and each learns of the end', async () => {
    const stages = await Promise.all(Array.from({ length: 12 }, () => stage()))
    const response = fakeResponse()
    for (const { canary } of stages) void mountedOn(response, canary).seat.version
    expect(response.listeners()).toHaveLength(1)
    response.leave()
    expect(stages.map(({ counts }) => counts())).toEqual(stages.map(() => ({ 'v2 aborted': 1 })))
  })

  it.each(['before a run', 'after a run', 'after the response'])(
    'a record %s is reported, because it has no effect',
    async (when) => {
      const { canary, failures } = await stage()
      const { seat, response } = mounted(canary)
      if (when === 'before a run') seat.record({ outcome: 'error' })
      if (when === 'after the response') {
        void seat.version
        response.finish()
      } else seat.run({ baseline: () => 1, canary: () => 2 })
      if (when !== 'before a run') seat.record({ metrics: { tokens: 7 } })
      expect(failures()).toEqual({ NOT_RECORDED: 1 })
    },
  )
})

describe('a request that only reads its version', () => {
  it('is routed once, however often it reads', async () => {
    const { canary, counts } = await stage()
    const { seat, request, response } = mounted(canary)
    expect([seat.variant, seat.version, seat.assignment.version]).toEqual(['canary', 'v2', 'v2'])
    expect(request).toHaveBeenCalledTimes(1)
    expect(response.listeners()).toHaveLength(1)
    expect(counts()).toEqual({ 'v2 in flight': 1 })
  })

  it.each([
    [200, 'success'],
    [404, 'error'],
    [422, 'rejected'],
    [408, 'timeout'],
    [499, 'error'],
    [500, 'error'],
    [503, 'error'],
  ])('with status %i is a %s', async (status, outcome) => {
    const { canary, counts } = await stage()
    const { seat, response } = mounted(canary)
    void seat.version
    response.finish(status)
    expect(counts()).toEqual({ [`v2 ${outcome}`]: 1 })
  })

  it('is aborted when it is closed unfinished', async () => {
    const { canary, counts } = await stage()
    const { seat, response } = mounted(canary)
    const { signal } = seat
    expect(signal.aborted).toBe(false)
    response.leave()
    expect(signal.aborted).toBe(true)
    expect(counts()).toEqual({ 'v2 aborted': 1 })
  })

  it('is described by record() in parts; its outcome is that of the response unless record() names one', async () => {
    const { canary, counts } = await stage()
    const one = mounted(canary)
    one.seat.record({ prediction: 'positive' })
    one.seat.record({ score: 0.5 })
    one.response.finish(500)
    const other = mounted(canary)
    other.seat.record({ prediction: 'positive', score: 0.5, outcome: 'success' })
    other.response.finish(500)
    expect(counts()).toEqual({ 'v2 error': 1, 'v2 success': 1 })
    expect(canary.metrics().v2).toMatchObject({
      predictionDistribution: { positive: 1 },
      score: { count: 1, mean: 0.5 },
    })
  })

  it('whose response has ended before is counted', async () => {
    const { canary, counts } = await stage()
    const [answered, left] = [mounted(canary), mounted(canary)]
    answered.response.finish(200)
    left.response.leave()
    expect([answered.seat.version, left.seat.version]).toEqual(['v2', 'v2'])
    expect([answered.seat.signal.aborted, left.seat.signal.aborted]).toEqual([false, true])
    await Promise.resolve()
    expect(counts()).toEqual({ 'v2 success': 1, 'v2 aborted': 1 })
  })
})

describe('run', () => {
  it('is the only observation of its request, whatever the status of the response is', async () => {
    const { canary, counts } = await stage()
    const { seat, response } = mounted(canary)
    void seat.version
    expect(seat.run({ baseline: (x: number) => x, canary: (x: number) => x * 2 }, 21)).toBe(42)
    seat.record({ outcome: 'error' })
    response.finish(500)
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('calls the models as methods of its argument', async () => {
    const { canary } = await stage()
    const servable = { baseline: () => {}, canary: vi.fn() }
    mounted(canary).seat.run(servable)
    expect(servable.canary.mock.contexts).toEqual([servable])
  })

  it('keeps the variant for later runs, each with an observation of its own', async () => {
    let turn = 0
    const strategy = {
      name: 'in turn',
      unit: 'request' as const,
      pick: () => (turn++ === 0 ? ('canary' as const) : ('baseline' as const)),
    }
    const { canary, counts } = await stage({ strategy })
    const { seat } = mounted(canary)
    const models = { baseline: () => 'v1', canary: () => 'v2' }
    expect([seat.run(models), seat.run(models), seat.run(models)]).toEqual(['v2', 'v2', 'v2'])
    expect(counts()).toEqual({ 'v2 success': 3 })
  })

  it('goes to the baseline when the canary is switched off between two runs, and the header says so', async () => {
    const { canary, counts } = await stage()
    const { seat, response } = mounted(canary)
    const models = { baseline: () => 'v1', canary: () => 'v2' }
    seat.run(models)
    await canary.disable()
    expect(seat.run(models)).toBe('v1')
    expect(response.headers).toEqual({ 'x-model-version': 'v1' })
    expect([seat.version, seat.variant, seat.peek()?.version]).toEqual(['v1', 'baseline', 'v1'])
    expect(counts()).toEqual({ 'v2 success': 1, 'v1 success': 1 })
  })

  it('carries the request’s key on every one', async () => {
    const began = vi.fn()
    const { canary } = await stage({ observers: [{ began: (_assignment, request) => began(request.key) }] })
    const { seat } = mounted(canary)
    for (let run = 0; run < 3; run += 1) seat.run({ baseline: () => 'v1', canary: () => 'v2' })
    expect(began.mock.calls).toEqual([['ann'], ['ann'], ['ann']])
  })

  it('assigns a version again after a rollback or a new epoch', async () => {
    const { canary, counts } = await stage({ strategy: always('canary') })
    const { seat } = mounted(canary)
    const models = { baseline: () => 'v1', canary: () => 'v2' }
    expect(seat.run(models)).toBe('v2')
    await canary.rollback()
    expect(seat.run(models)).toBe('v1')
    await canary.retry()
    await expect.poll(() => canary.status().weight).toBeGreaterThan(0)
    expect([seat.run(models), seat.run(models)]).toEqual(['v2', 'v2'])
    expect(canary.counts({ window: 'step' }).canary.outcomes.success).toBe(2)
    expect(counts()).toEqual({ 'v2 success': 2 })
  })

  it('counts once a request for the tripwire, and once more if a later call is the first that fails', async () => {
    const wire = tripwire({ consecutive: 4 })
    const trips = async (requests: number, runs: number) => {
      const { canary } = await stage({ tripwire: wire })
      for (let request = 0; request < requests; request += 1) {
        const { seat } = mounted(canary)
        for (let run = 0; run < runs; run += 1) await errorOf(() => seat.run({ baseline: broken, canary: broken }))
      }
      await Promise.resolve()
      return canary.status().state
    }
    expect(await trips(3, 10)).not.toBe('rolled-back')
    expect(await trips(4, 1)).toBe('rolled-back')
  })

  it('counts an output that fails at once because of the signal as aborted', async () => {
    const { canary, counts } = await stage()
    const { seat, response } = mounted(canary)
    const output = new Readable({ read() {} })
    output.on('error', () => {})
    seat.signal.addEventListener('abort', () => output.emit('error', new Error('aborted')))
    seat.run({ baseline: () => output, canary: () => output })
    output.push('a')
    output.read()
    response.leave()
    expect(counts()).toEqual({ 'v2 aborted': 1 })
    expect(canary.status().errors.canary).toEqual([])
  })

  it('aborts the signal of every run when the client leaves, and every open flight', async () => {
    const { canary, counts } = await stage()
    const { seat, response } = mounted(canary)
    const { signal } = seat
    seat.run({ baseline: () => 1, canary: () => 1 })
    let settle = () => {}
    const hung = () => new Promise<void>((resolve) => (settle = resolve))
    const output = seat.run({ baseline: hung, canary: hung })
    response.leave()
    expect(signal.aborted).toBe(true)
    settle()
    await output
    expect(counts()).toEqual({ 'v2 success': 1, 'v2 aborted': 1 })
  })

  it('is still pending if the response ends first', async () => {
    const { canary, counts } = await stage()
    const { seat, response } = mounted(canary)
    let settle = () => {}
    const hung = () => new Promise<void>((resolve) => (settle = resolve))
    const output = seat.run({ baseline: hung, canary: hung })
    response.finish()
    expect(counts()).toEqual({ 'v2 in flight': 1 })
    settle()
    await output
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it.each<[unknown, string]>([
    [{ baseline: () => 1 }, 'MISSING_HANDLER'],
    [null, 'MISSING_HANDLER'],
    [{ baseline: () => 1, canary: () => 1, fallbak: true }, 'UNKNOWN_OPTION'],
    [{ baseline: () => 1, canary: () => 1, predictOf: () => 'a' }, 'UNKNOWN_OPTION'],
    [{ baseline: () => 1, predictionOf: () => 'a' }, 'MISSING_HANDLER'],
    [{ baseline: () => 1, canary: () => 1, timeoutMs: Number.NaN }, 'INVALID_OPTION'],
  ])('refuses %o, and has counted nothing', async (servable, code) => {
    const { canary, counts } = await stage()
    const { seat } = mounted(canary)
    expect(() => seat.run(servable as never)).toThrow(expect.objectContaining({ code }))
    expect(counts()).toEqual({})
  })
})

describe('the version header', () => {
  const models = { baseline: () => 'v1', canary: () => 'v2' }

  it('is not written if it is turned off, or after the headers were sent', async () => {
    const { canary, failures } = await stage()
    const without = mounted(canary, { versionHeader: false })
    const late = mounted(canary)
    late.response.headersSent = true
    without.seat.run(models)
    late.seat.run(models)
    expect([without.response.headers, late.response.headers]).toEqual([{}, {}])
    expect(failures()).toEqual({})
  })

  it.each<[string, () => unknown]>([
    ['throws', broken],
    ['rejects', async () => broken()],
  ])('names the baseline for a canary that %s, before the handler goes on', async (_, failing) => {
    const { canary, counts } = await stage()
    const { seat, response } = mounted(canary)
    await seat.run({ baseline: () => 'v1' as unknown, canary: failing, fallback: true })
    expect(response.headers).toEqual({ 'x-model-version': 'v1' })
    response.finish()
    expect(counts()).toEqual({ 'v2 error': 1 })
  })

  it('lets the baseline use the signal after the canary took too long', async () => {
    const { canary, clock, counts } = await stage()
    const { seat, response } = mounted(canary)
    const slow = () => new Promise<boolean>(() => {})
    const output = seat.run({ baseline: () => seat.signal.aborted, canary: slow, fallback: true, timeoutMs: 50 })
    await clock.advance(50)
    expect(await output).toBe(false)
    expect(response.headers).toEqual({ 'x-model-version': 'v1' })
    expect(counts()).toEqual({ 'v2 timeout': 1 })
  })

  it('that cannot have the name of the version is counted, and serving goes on', async () => {
    const { canary, failures } = await stage()
    const { seat, response } = mounted(canary)
    response.setHeader = () => {
      throw new TypeError('Invalid character in header content')
    }
    expect(seat.run(models)).toBe('v2')
    expect(failures()).toEqual({ INVALID_VERSION: 1 })
  })

  it('with fallback causes an unhandled rejection if the handler does not handle it', async () => {
    const { canary } = await stage({ strategy: always('baseline') })
    const error = new Error('nobody looks')
    const { seat } = mounted(canary)
    const run = () => void seat.run({ baseline: () => Promise.reject(error), canary: async () => 1, fallback: true })
    expect(await unhandledIn(run)).toEqual([error])
  })
})

describe('the key of a request', () => {
  it('that cannot be read is counted, and the request goes on without a key', async () => {
    const { canary, failures } = await stage()
    const { seat } = mounted(canary, { request: broken })
    expect(seat.version).toBe('v2')
    expect(failures()).toEqual({ KEY_FAILED: 1 })
  })

  it('that is a promise is counted, and its rejection is handled', async () => {
    const { canary, failures } = await stage()
    const request = () => ({ key: Promise.reject(new Error('late')) as never })
    expect(await unhandledIn(() => mounted(canary, { request }).seat.version)).toEqual([])
    expect(failures()).toEqual({ KEY_FAILED: 1 })
  })
})

describe('an error of the model', () => {
  it('reaches the handler as it is', async () => {
    const { canary } = await stage()
    const error = new Error('broken')
    const model = async () => Promise.reject(error)
    expect(await errorOf(() => mounted(canary).seat.run({ baseline: model, canary: model }))).toBe(error)
  })
})
