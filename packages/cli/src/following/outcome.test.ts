import { describe, expect, it } from 'vitest'
import type { StatusView } from '../connection/status-view.js'
import { readStatus } from '../connection/status-view.js'
import { type Awaited, BEGINNING, takeStatus } from './outcome.js'

const view = (changes: Readonly<Record<string, unknown>>): StatusView =>
  readStatus(
    { name: 's', state: 'progressing', weight: 10, step: 1, epoch: 1, versions: { canary: 'v2' }, ...changes },
    'here',
  )

/** Returns the code with which a wait ends after these statuses, 20 s apart; `undefined` if it goes on. */
function codeAfter(statuses: readonly Readonly<Record<string, unknown>>[], awaited: Partial<Awaited> = {}) {
  let state = BEGINNING
  for (const [at, changes] of statuses.entries()) {
    const [next, end] = takeStatus(view(changes), state, { failOnHold: false, ...awaited }, at * 20_000)
    if (end !== undefined) return end.code
    state = next
  }
  return undefined
}

const promoted = { state: 'promoted', weight: 100 }
const other = { versions: { canary: 'v1' } }

describe('a wait', () => {
  it('ends with 0 after a promotion and with 1 after a rollback, not before', () => {
    expect(codeAfter([{}, { state: 'baking' }])).toBe(undefined)
    expect(codeAfter([{}, promoted])).toBe(0)
    expect(codeAfter([{ state: 'rolled-back' }])).toBe(1)
  })

  it('ends with 6 once another epoch has begun', () => {
    expect(codeAfter([{}, { epoch: 2 }])).toBe(6)
    expect(codeAfter([{}, { ...promoted, epoch: 2 }])).toBe(6)
    expect(codeAfter([{ epoch: 0, state: 'idle' }, {}])).toBe(undefined)
  })

  it('ignores what is told of another version until the awaited one is seen', () => {
    expect(codeAfter([{ ...other, ...promoted }], { canary: 'v2' })).toBe(undefined)
    expect(codeAfter([{ ...other, ...promoted }, {}, promoted], { canary: 'v2' })).toBe(0)
    expect(codeAfter([{}, other], { canary: 'v2' })).toBe(6)
  })

  it('ends with 7 at once for a pause or the kill switch, if it is asked to', () => {
    expect(codeAfter([{ state: 'paused' }])).toBe(undefined)
    expect(codeAfter([{ state: 'paused' }], { failOnHold: true })).toBe(7)
    expect(codeAfter([{ enabled: false }], { failOnHold: true })).toBe(7)
  })

  it('ends with 7 for a hold that has lasted for 30 s without a break', () => {
    const held = { heldBy: { by: 'store', code: 'STORE_FAILED' } }
    const breached = { checks: [{ guardrail: 'latency', severity: 'hold', outcome: 'breached', reason: 'slow' }] }
    expect(codeAfter([held, held], { failOnHold: true })).toBe(undefined)
    expect(codeAfter([held, held, held], { failOnHold: true })).toBe(7)
    expect(codeAfter([held, {}, held, held], { failOnHold: true })).toBe(undefined)
    expect(codeAfter([breached, breached, breached], { failOnHold: true })).toBe(7)
    expect(codeAfter([held, held, held])).toBe(undefined)
  })
})
