import { describe, expect, it } from 'vitest'
import { createEmitter } from './emitter.js'

interface Sounds {
  readonly ping: number
  readonly pong: string
}

function scene() {
  const failures: (readonly [unknown, string])[] = []
  return { failures, emitter: createEmitter<Sounds>((error, name) => failures.push([error, name])) }
}

describe('an emitter', () => {
  it('calls every listener of the event synchronously and in order', () => {
    const { emitter } = scene()
    const heard: unknown[] = []
    emitter.on('ping', (n) => heard.push(['first', n]))
    emitter.on('ping', (n) => heard.push(['second', n]))
    emitter.on('pong', (text) => heard.push(text))
    emitter.emit('ping', 7)
    expect(heard).toEqual([
      ['first', 7],
      ['second', 7],
    ])
  })

  it('no longer calls a removed listener, nor any listener after clear', () => {
    const { emitter } = scene()
    const heard: number[] = []
    const end = emitter.on('ping', (n) => heard.push(n))
    emitter.on('ping', (n) => heard.push(-n))
    end()
    end()
    emitter.emit('ping', 1)
    emitter.clear()
    emitter.emit('ping', 2)
    expect(heard).toEqual([-1])
  })

  it('goes on after a listener that throws, and reports the error', () => {
    const { emitter, failures } = scene()
    const error = new Error('mine')
    const heard: number[] = []
    emitter.on('ping', () => {
      throw error
    })
    emitter.on('ping', (n) => heard.push(n))
    emitter.emit('ping', 1)
    expect([heard, failures]).toEqual([[1], [[error, 'ping']]])
  })

  it('reports a listener that rejects, and leaves no unhandled rejection', async () => {
    const { emitter, failures } = scene()
    emitter.on('pong', async () => {
      throw 'later'
    })
    emitter.emit('pong', 'x')
    await Promise.resolve()
    await Promise.resolve()
    expect(failures).toEqual([['later', 'pong']])
  })

  it('does not call a listener that was added by another one for the same event', () => {
    const { emitter } = scene()
    let calls = 0
    const addOneMore = () => {
      calls += 1
      emitter.on('ping', () => addOneMore())
    }
    emitter.on('ping', addOneMore)
    emitter.emit('ping', 1)
    expect(calls).toBe(1)
  })
})
