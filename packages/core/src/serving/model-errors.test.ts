import { manualClock } from '@model-canary/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import type { ModelError } from '../foundation/vocabulary.js'
import { createModelErrorLog, type ModelErrorLog } from './model-errors.js'

let clock: ReturnType<typeof manualClock>
let log: ModelErrorLog
let said: (readonly [string, ModelError])[]

beforeEach(() => {
  clock = manualClock({ startMs: 1_000 })
  said = []
  log = createModelErrorLog({ clock, onError: (variant, error) => said.push([variant, error]) })
})

describe('the errors of the models', () => {
  it('are counted by message, the latest first, each version by itself', async () => {
    log.note('canary', new Error('bad weights file'))
    log.note('canary', new Error('out of memory'))
    await clock.advance(5)
    log.note('canary', new Error('bad weights file'))
    log.note('baseline', 'refused')
    expect(log.read()).toEqual({
      baseline: [{ message: 'refused', count: 1, lastAt: 1_005 }],
      canary: [
        { message: 'bad weights file', count: 2, lastAt: 1_005 },
        { message: 'out of memory', count: 1, lastAt: 1_000 },
      ],
    })
  })

  it('are at most five; the oldest is dropped', () => {
    for (const name of ['a', 'b', 'c', 'a', 'd', 'e', 'f']) log.note('canary', new Error(name))
    expect(log.read().canary.map(({ message }) => message)).toEqual(['f', 'e', 'd', 'a', 'c'])
  })

  it('are one line each, without a stack, and never long', () => {
    log.note('canary', new Error(`\n  first\nat secret.js:1`))
    log.note('canary', new Error('x'.repeat(10_000)))
    expect(log.read().canary.map(({ message }) => message)).toEqual(['x'.repeat(200), 'first'])
  })

  it('are reported at most once a second for each version', async () => {
    for (let i = 0; i < 10; i += 1) log.note('canary', new Error('broken'))
    log.note('baseline', new Error('broken'))
    expect(said.map(([variant, { count }]) => [variant, count])).toEqual([
      ['canary', 1],
      ['baseline', 1],
    ])
    await clock.advance(1_000)
    log.note('canary', new Error('broken'))
    expect(said.at(-1)).toEqual(['canary', { message: 'broken', count: 11, lastAt: 2_000 }])
  })

  it('of one version can be forgotten, and count anew then', () => {
    for (const variant of ['baseline', 'canary', 'canary'] as const) log.note(variant, 'refused')
    log.forget('canary')
    expect(log.read().canary).toEqual([])
    log.note('canary', 'refused')
    expect(log.read()).toMatchObject({ baseline: [{ count: 1 }], canary: [{ count: 1 }] })
  })

  it.each([undefined, null, 0, {}, Object.create(null), Symbol('x')])('may be %s', (error) => {
    expect(() => log.note('canary', error)).not.toThrow()
    expect(log.read().canary).toHaveLength(1)
  })
})
