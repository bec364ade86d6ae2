import { EventEmitter } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import {
  connectionOf,
  isAnswered,
  isBegun,
  isClientGone,
  isClosedNormally,
  isOver,
  isWebsocket,
  whenOver,
} from './response-end.js'

/** A response of HTTP/1 at work on its socket. */
function response(given: object = {}) {
  const emitter = new EventEmitter()
  const socket = Object.assign(new EventEmitter(), { destroyed: false })
  const working = { writableEnded: false, writableFinished: false, destroyed: false, socket, req: { socket } }
  return Object.assign(emitter, working, given)
}

const gone = { destroyed: true }
const whole = { destroyed: false }

describe('isAnswered', () => {
  it.each([
    ['whose bytes are all sent', { writableEnded: true, writableFinished: true, socket: gone }, true],
    ['that was ended while its client left', { writableEnded: true, writableFinished: false, socket: gone }, false],
    ['that was never ended', { writableEnded: false, writableFinished: false, socket: gone }, false],
    ['of HTTP/2 that was cancelled', { writableEnded: false, writableFinished: true, socket: undefined }, false],
    ['of HTTP/2 cut short', { writableEnded: true, writableFinished: false, socket: undefined }, false],
    ['that is injected and not taken yet', { writableEnded: true, writableFinished: false, socket: whole }, true],
  ])('of a response %s', (_which, given, expected) => {
    expect(isAnswered(response(given))).toBe(expected)
  })
})

describe('isOver', () => {
  it.each([
    ['at work', {}, false],
    ['that is destroyed', { destroyed: true }, true],
    ['of HTTP/2 whose stream is destroyed', { stream: gone }, true],
    ['of HTTP/2 at work', { stream: whole }, false],
    ['that waits for its turn', { socket: null, req: { socket: whole } }, false],
    ['that waited for its turn until the client left', { socket: null, req: { socket: gone } }, true],
  ])('of a response %s', (_which, given, expected) => {
    expect(isOver(response(given))).toBe(expected)
  })
})

const network = Object.assign(new Error('reset'), { syscall: 'read' })
const http2 = (stream: object) => ({ stream: { destroyed: true, ...stream }, socket: undefined })

describe('isClientGone', () => {
  it.each([
    ['whose client ended the connection', { req: { socket: { ...gone, readableEnded: true } } }, true],
    ['that a client reset', { req: { socket: { ...gone, readableEnded: false, errored: network } } }, true],
    ['that failed by the network', { errored: network, req: { socket: { ...gone, readableEnded: false } } }, true],
    ['that failed here', { errored: new Error('gave up'), req: { socket: { ...gone, readableEnded: false } } }, false],
    ['that was destroyed here', { errored: null, req: { socket: { ...gone, readableEnded: false } } }, false],
    ['of a host that tells nothing', { errored: null, req: { socket: gone } }, true],
    ['of HTTP/2 that was cancelled', http2({ writableFinished: false, rstCode: 8 }), true],
    ['of HTTP/2 whose client went away', http2({ writableFinished: true, rstCode: 0 }), true],
    ['of HTTP/2 that failed by the network', http2({ errored: network, writableFinished: false }), true],
    ['of HTTP/2 that failed here', http2({ errored: new Error('broken'), writableFinished: true }), false],
    ['of HTTP/2 that was destroyed here', http2({ writableFinished: false, rstCode: 0 }), false],
  ])('of a response %s', (_which, given, expected) => {
    expect(isClientGone(response(given))).toBe(expected)
  })
})

describe('a websocket', () => {
  const websocket = (socket: object, more: object = {}) =>
    response({ headersSent: false, socket: null, req: { socket, headers: { upgrade: 'WebSocket' } }, ...more })

  it('is recognised by its upgrade if no other response was sent', () => {
    const refused = websocket(whole, { headersSent: true })
    expect([isWebsocket(websocket(whole)), isWebsocket(refused), isWebsocket(response())]).toEqual([true, false, false])
  })

  it.each([
    ['ended', { ...gone, readableEnded: true }, true],
    ['torn down', { ...gone, readableEnded: false }, false],
    ['broken after its end', { ...gone, readableEnded: true, errored: network }, false],
  ])('that is %s', (_which, socket, expected) => {
    expect(isClosedNormally(websocket(socket))).toBe(expected)
  })

  it('has begun with its handshake', () => {
    expect(isBegun(websocket({ ...whole, bytesWritten: 0 }))).toBe(false)
    expect(isBegun(websocket({ ...whole, bytesWritten: 129 }))).toBe(true)
  })
})

describe('connectionOf', () => {
  it('is the socket, and of HTTP/2 the session that its streams share', () => {
    const [socket, session] = [whole, {}]
    expect(connectionOf(response({ req: { socket } }))).toBe(socket)
    expect(connectionOf(response({ stream: { ...whole, session }, req: { socket } }))).toBe(session)
    expect(connectionOf(response({ stream: whole, req: { socket } }))).toBeUndefined()
  })
})

describe('whenOver', () => {
  it('waits for the response to close', () => {
    const [settle, open] = [vi.fn(), response()]
    whenOver(open, settle)
    expect(settle).not.toHaveBeenCalled()
    open.emit('close')
    expect(settle).toHaveBeenCalledTimes(1)
    expect(open.socket.listenerCount('close')).toBe(0)
  })

  it('calls back soon where the response has closed already', async () => {
    const settle = vi.fn()
    whenOver(response({ destroyed: true }), settle)
    expect(settle).not.toHaveBeenCalled()
    await Promise.resolve()
    expect(settle).toHaveBeenCalledTimes(1)
  })

  it('waits for the socket as well while the response waits for its turn', () => {
    const [settle, queued] = [vi.fn(), response({ socket: null })]
    whenOver(queued, settle)
    queued.req.socket.emit('close')
    expect(settle).toHaveBeenCalledTimes(1)
  })

  it('leaves no listener on a socket that outlives the response', () => {
    const queued = response({ socket: null })
    whenOver(queued, () => {})
    expect(queued.req.socket.listenerCount('close')).toBe(1)
    queued.emit('close')
    expect(queued.req.socket.listenerCount('close')).toBe(0)
  })
  it('adds one listener to the socket, however many pipelined responses wait for their turn', () => {
    const first = response({ socket: null })
    const { req } = first
    const queued = [first, ...Array.from({ length: 11 }, () => response({ socket: null, req }))]
    const settles = queued.map((each) => {
      const settle = vi.fn()
      whenOver(each, settle)
      return settle
    })
    expect(req.socket.listenerCount('close')).toBe(1)
    first.emit('close')
    expect(req.socket.listenerCount('close')).toBe(1)
    req.socket.emit('close')
    expect(settles.map(({ mock }) => mock.calls.length)).toEqual(queued.map(() => 1))
    for (const each of queued.slice(1)) each.emit('close')
    expect(req.socket.listenerCount('close')).toBe(0)
    const later = response({ socket: null, req })
    whenOver(later, () => {})
    expect(req.socket.listenerCount('close')).toBe(1)
  })
})
