import { describe, expect, it } from 'vitest'
import { resolveRollout } from './controller-options.js'

const resolve = (options: object = {}) =>
  resolveRollout({ name: 'sentiment', versions: { baseline: 'v1', canary: 'v2' }, ...options })

describe('a rollout that says nothing else', () => {
  it('is judged by evidence, on errors, mean latency, unanswered and rejected requests', () => {
    expect(resolve().judge.name).toBe('evidence')
    expect(resolve().guardrails.map(({ kind }) => kind)).toEqual([
      'errorRate',
      'latency',
      'unansweredRate',
      'rejectedRate',
    ])
  })

  it('keeps a hundred decisions, and two turns for a replay', () => {
    expect(resolve()).toMatchObject({ historySize: 100, replaySize: 2 })
  })

  it('refuses to keep less than no turn', () => {
    expect(() => resolve({ replaySize: -1 })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })
})
