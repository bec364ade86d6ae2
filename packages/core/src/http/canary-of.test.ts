import { describe, expect, it } from 'vitest'
import { createCanary } from '../canary/create-canary.js'
import { canaryOf, seat } from './canary-of.js'
import type { RequestCanary } from './request-canary.js'

const canaryNamed = (name: string) => createCanary({ name, versions: { baseline: 'v1', canary: 'v2' } })
const outer = canaryNamed('outer')
const inner = canaryNamed('inner')
const marked = (name: string) => ({ name }) as unknown as RequestCanary<'v1' | 'v2'>

describe('canaryOf', () => {
  it('finds each of several canaries on one request', () => {
    const request = {}
    seat(request, outer, () => marked('outer'))
    seat(request, inner, () => marked('inner'))
    expect([canaryOf(request, outer), canaryOf(request, inner)]).toEqual([{ name: 'outer' }, { name: 'inner' }])
  })

  it('keeps requests apart', () => {
    const [one, other] = [{}, {}]
    seat(one, outer, () => marked('one'))
    seat(other, outer, () => marked('other'))
    expect(canaryOf(one, outer)).toEqual({ name: 'one' })
  })

  it('attaches a canary once, however often its middleware runs', () => {
    const request = {}
    const first = seat(request, outer, () => marked('first'))
    expect(seat(request, outer, () => marked('second'))).toBe(first)
  })

  it('throws NOT_MOUNTED if the request passed no middleware, or only that of another canary', () => {
    const request = {}
    const notMounted = expect.objectContaining({ code: 'NOT_MOUNTED' })
    expect(() => canaryOf(request, outer)).toThrow(notMounted)
    seat(request, inner, () => marked('inner'))
    expect(() => canaryOf(request, outer)).toThrow(notMounted)
  })

  it('adds nothing to a request that is enumerable', () => {
    const request = { id: 1 }
    seat(request, outer, () => marked('outer'))
    expect(Object.keys(request)).toEqual(['id'])
    expect(JSON.stringify(request)).toBe('{"id":1}')
  })
})
