import { describe, expect, it } from 'vitest'
import { jsonPatch } from './json-patch.js'

const patched = (document: unknown, ...operations: readonly object[]) => jsonPatch(document, operations)

describe('jsonPatch', () => {
  it('gives the results of RFC 6902, appendix A', () => {
    const add = (path: string, value: unknown) => ({ op: 'add', path, value })
    expect(patched({ foo: 'bar' }, add('/baz', 'qux'))).toEqual({ value: { foo: 'bar', baz: 'qux' } })
    expect(patched({ foo: ['bar', 'baz'] }, add('/foo/1', 'qux'))).toEqual({ value: { foo: ['bar', 'qux', 'baz'] } })
    expect(patched({ foo: ['bar'] }, add('/foo/-', ['abc', 'def']))).toEqual({
      value: { foo: ['bar', ['abc', 'def']] },
    })
    expect(patched({ foo: 'bar' }, add('/child', { grandchild: {} }))).toEqual({
      value: { foo: 'bar', child: { grandchild: {} } },
    })
    expect(patched({ baz: 'qux', foo: 'bar' }, { op: 'remove', path: '/baz' })).toEqual({ value: { foo: 'bar' } })
    expect(patched({ foo: ['bar', 'qux', 'baz'] }, { op: 'remove', path: '/foo/1' })).toEqual({
      value: { foo: ['bar', 'baz'] },
    })
    expect(patched({ baz: 'qux', foo: 'bar' }, { op: 'replace', path: '/baz', value: 'boo' })).toEqual({
      value: { baz: 'boo', foo: 'bar' },
    })
    expect(
      patched(
        { foo: { bar: 'baz', waldo: 'fred' }, qux: { corge: 'grault' } },
        { op: 'move', from: '/foo/waldo', path: '/qux/thud' },
      ),
    ).toEqual({ value: { foo: { bar: 'baz' }, qux: { corge: 'grault', thud: 'fred' } } })
    expect(patched({ foo: ['all', 'grass', 'cows', 'eat'] }, { op: 'move', from: '/foo/1', path: '/foo/3' })).toEqual({
      value: { foo: ['all', 'cows', 'eat', 'grass'] },
    })
    expect(patched({ '/': 9, '~1': 10 }, { op: 'test', path: '/~01', value: 10 })).toEqual({
      value: { '/': 9, '~1': 10 },
    })
  })

  it('stops at a test that fails, also over a type', () => {
    expect(patched({ a: 1 }, { op: 'test', path: '/a', value: 2 })).toHaveProperty('problem')
    expect(patched({ '/': 9, '~1': 10 }, { op: 'test', path: '/~01', value: '10' })).toHaveProperty('problem')
    expect(
      patched({ a: { b: [1, { c: 2 }] } }, { op: 'test', path: '/a', value: { b: [1, { c: 2 }] } }),
    ).toHaveProperty('value')
  })

  it.each([
    { op: 'add', path: '/x/y', value: 1 },
    { op: 'add', path: '/list/3', value: 1 },
    { op: 'add', path: '/list/01', value: 1 },
    { op: 'add', path: 'list', value: 1 },
    { op: 'add', path: '/~2', value: 1 },
    { op: 'add', path: '/a' },
    { op: 'replace', path: '/x', value: 1 },
    { op: 'replace', path: '/list/-', value: 1 },
    { op: 'remove', path: '/x' },
    { op: 'remove', path: '/list/2' },
    { op: 'remove', path: '/toString' },
    { op: 'move', from: '/list', path: '/list/0' },
    { op: 'copy', from: '/x', path: '/a' },
    { op: 'copy', path: '/a' },
    { op: 'test', path: '/x', value: null },
    { op: 'nonsense', path: '/a', value: 1 },
    { path: '/a', value: 1 },
  ])('refuses what does not apply: %j', (operation) => {
    expect(patched({ a: 1, list: [1, 2] }, operation)).toHaveProperty('problem')
  })

  it('replaces the whole document by the empty path', () => {
    expect(patched({ a: 1 }, { op: 'replace', path: '', value: { b: 2 } })).toEqual({ value: { b: 2 } })
  })

  it('takes __proto__ for a name like any other', () => {
    const { value } = patched({}, { op: 'add', path: '/__proto__', value: { polluted: true } }) as { value: object }
    expect(Object.keys(value)).toEqual(['__proto__'])
    expect('polluted' in value).toBe(false)
  })
})
