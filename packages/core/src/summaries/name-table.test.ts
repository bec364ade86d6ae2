import { describe, expect, it } from 'vitest'
import { capped, createNameTable } from './name-table.js'

describe('a name table', () => {
  it('numbers names in the order in which they come', () => {
    const table = createNameTable(3)
    expect(['b', 'a', 'b'].map((name) => table.slotOf(name))).toEqual([0, 1, 0])
    expect(table.names).toEqual(['b', 'a'])
  })

  it('gives all names beyond its capacity the same last slot', () => {
    const table = createNameTable(1)
    expect(['a', 'b', 'c', 'a'].map((name) => table.slotOf(name))).toEqual([0, 1, 1, 0])
    expect([table.overflowed, table.names]).toEqual([true, ['a']])
  })

  it('accepts names that objects inherit', () => {
    const table = createNameTable(9)
    expect(['__proto__', 'constructor', 'toString', 'other'].map((name) => table.slotOf(name))).toEqual([0, 1, 2, 3])
  })

  it('starts with the initial names in the first slots', () => {
    const table = createNameTable(2, ['clicked', 'clicked', 'price'])
    expect([table.slotOf('junk'), table.slotOf('price')]).toEqual([2, 1])
  })

  it('lists the slots in the order of the names, also after some were dropped', () => {
    const table = createNameTable(9, ['m', 'z'])
    for (const name of ['b', 'a', 'm', 'n']) table.slotOf(name)
    const ordered = () => table.rising.map((slot) => table.names[slot])
    expect(ordered()).toEqual(['a', 'b', 'm', 'n', 'z'])
    table.keep([1, 2, 4])
    table.slotOf('c')
    expect(ordered()).toEqual(['b', 'c', 'n', 'z'])
  })

  it('keeps some names, returns their new slots, and accepts new names', () => {
    const table = createNameTable(3)
    for (const name of ['a', 'b', 'c', 'd']) table.slotOf(name)
    expect(table.keep([0, 2])).toEqual([0, 3, 1, 3])
    expect([table.overflowed, table.names]).toEqual([false, ['a', 'c']])
    expect([table.slotOf('c'), table.slotOf('d'), table.slotOf('b')]).toEqual([1, 2, 3])
  })
})

describe('capped', () => {
  it('cuts a text at 64 UTF-16 units', () => {
    expect(capped('x'.repeat(64))).toBe('x'.repeat(64))
    expect(capped('x'.repeat(1_000))).toBe('x'.repeat(64))
  })

  it('does not cut a surrogate pair in two', () => {
    expect(capped(`${'x'.repeat(63)}😀`)).toBe('x'.repeat(63))
    expect(capped(`${'x'.repeat(62)}😀y`)).toBe(`${'x'.repeat(62)}😀`)
  })
})
