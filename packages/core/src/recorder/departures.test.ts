import { expect, it } from 'vitest'
import { createDepartures } from './departures.js'

it('counts departures of one key within a second of the first as one', () => {
  const { isRepeated } = createDepartures()
  const at = (ms: number) => isRepeated('ann', undefined, ms)
  expect([at(0), at(1), at(999), at(1_000), at(1_999), at(2_000)]).toEqual([false, true, true, false, true, false])
})

it('counts each departure of a key that left in three seconds in a row, until it stays for a second', () => {
  const { isRepeated } = createDepartures()
  const left = (...times: readonly number[]) => times.filter((ms) => !isRepeated('tenant', undefined, ms))
  expect(left(0, 500, 1_000, 1_500, 2_000, 2_500, 3_000)).toEqual([0, 1_000, 2_000, 3_000])
  expect(left(3_001, 3_002, 4_500)).toEqual([3_001, 3_002, 4_500])
  expect(left(6_500, 6_501, 7_499, 7_500)).toEqual([6_500, 7_500])
})

it('counts those of one connection as one, regardless of the key', () => {
  const { isRepeated } = createDepartures()
  const [one, other] = [{}, {}]
  expect(isRepeated('ann', one, 0)).toBe(false)
  expect(isRepeated('bob', one, 10)).toBe(true)
  expect(isRepeated('bob', other, 20)).toBe(false)
  expect(isRepeated(undefined, one, 999)).toBe(true)
})

it('counts departures from a connection that stays open separately, and those with its end as one', () => {
  const { isRepeated } = createDepartures()
  const session = { destroyed: false }
  expect([0, 10, 20].map((at) => isRepeated(undefined, session, at))).toEqual([false, false, false])
  session.destroyed = true
  expect([2_000, 2_000, 2_001].map((at) => isRepeated(undefined, session, at))).toEqual([false, true, true])
})

it('counts calls without a key and a connection separately; an empty key counts as no key', () => {
  const { isRepeated } = createDepartures()
  expect([isRepeated(undefined, undefined, 0), isRepeated(undefined, undefined, 0)]).toEqual([false, false])
  expect([isRepeated('', undefined, 0), isRepeated('', undefined, 0)]).toEqual([false, false])
})

it('remembers a key after many calls without a key', () => {
  const { isRepeated } = createDepartures()
  isRepeated('ann', undefined, 0)
  for (let call = 0; call < 1_000; call++) isRepeated(undefined, undefined, 1)
  expect(isRepeated('ann', undefined, 2)).toBe(true)
})

it('remembers the latest 64 keys', () => {
  const { isRepeated } = createDepartures()
  for (let user = 0; user <= 64; user++) isRepeated(`user-${user}`, undefined, 0)
  expect(isRepeated('user-1', undefined, 1)).toBe(true)
  expect(isRepeated('user-64', undefined, 1)).toBe(true)
  expect(isRepeated('user-0', undefined, 1)).toBe(false)
})
