import { Readable } from 'node:stream'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { fallbackInput } from './fallback-input.js'
import type { ServingOptions } from './models.js'
import { always, errorOf, stage } from './stage.fixture.js'

class Tensor {
  readonly values: number[]
  constructor(values: number[]) {
    this.values = values
  }
}

const broken = (_done?: unknown): never => {
  throw new Error('canary broke')
}

/** What the caller gets, an error by its message, and what was reported. */
async function outcomeOf<Input>(
  input: Input,
  canaryModel: (input: Input) => unknown,
  baseline: (input: Input) => unknown,
  options: ServingOptions<[Input], unknown> = {},
) {
  const { canary, failures } = await stage()
  const predict = canary.wrap({ baseline, canary: canaryModel }, { fallback: true, ...options })
  let caller: unknown
  try {
    caller = await predict(input)
  } catch (error) {
    caller = (error as Error).message
  }
  return { caller, impossible: failures().FALLBACK_IMPOSSIBLE ?? 0 }
}

afterEach(() => vi.unstubAllGlobals())

describe('the baseline gets the original input, although the canary has', () => {
  it.each([
    ['taken an item of an array', [1, 2, 3], (x: number[]) => void x.shift()],
    ['set a member', { text: 'a' }, (x: { text: string }) => void (x.text = 'b')],
    ['deleted a member', { text: 'a' } as { text?: string }, (x: { text?: string }) => delete x.text],
    ['pushed to a nested array', { rows: [[1]] }, (x: { rows: number[][] }) => void x.rows[0]?.push(2)],
    ['set a member without prototype', Object.assign(Object.create(null), { a: 1 }), (x: { a: number }) => (x.a = 2)],
    ['cleared a map', { m: new Map([[{ id: 1 }, [1]]]) }, (x: { m: Map<object, unknown> }) => x.m.clear()],
    ['changed a value of a map', new Map([['a', [1]]]), (x: Map<string, number[]>) => x.get('a')?.push(2)],
    [
      'changed a key of a map',
      new Map([[{ id: 1 }, 1]]),
      (x: Map<{ id: number }, number>) => ([...x.keys()][0]!.id = 2),
    ],
    ['added to a set', new Set([1]), (x: Set<number>) => x.add(2)],
    ['changed a member of a set', new Set([[1]]), (x: Set<number[]>) => [...x][0]?.push(2)],
    ['moved a date', { at: new Date(0) }, (x: { at: Date }) => x.at.setFullYear(2000)],
  ])('%s', async (_, input, change) => {
    const before = structuredClone(input)
    const spoil = (given: typeof input) => {
      ;(change as (input: unknown) => unknown)(given)
      throw new Error('canary broke')
    }
    const { caller, impossible } = await outcomeOf(input, spoil, (given) => given)
    expect(caller).toBe(input)
    expect(caller).toEqual(before)
    expect(impossible).toBe(0)
  })

  it('is passed to the functions that describe the output, too', async () => {
    const { canary } = await stage()
    const validate = vi.fn((_output: number, _input: number[]) => false)
    const models = { baseline: (x: number[]) => x.length, canary: (x: number[]) => x.splice(0).length }
    expect(canary.wrap(models, { fallback: true, validate })([1, 2])).toBe(2)
    expect(validate).toHaveBeenCalledWith(2, [1, 2])
  })
})

describe('the canary gets', () => {
  const given = (input: unknown) => fallbackInput(true, [input]).given[0]

  it.each([
    ['a typed array', new Float32Array(3)],
    ['a Buffer', Buffer.from('a')],
    ['an array buffer', new ArrayBuffer(1)],
    ['a class instance', new Tensor([1])],
    ['an instance of a subclass of Array', new (class Rows extends Array<number> {})(2)],
    ['an instance of a subclass of Map', new (class Rows extends Map<string, number> {})()],
    ['an instance of a subclass of Set', new (class Rows extends Set<number> {})()],
    ['an instance of a subclass of Date', new (class Day extends Date {})(0)],
    ['an object made from one without prototype', Object.create(Object.create(null))],
    ['a function', () => 1],
    ['an error', new TypeError('a')],
  ])('%s as it is, also within a plain object', (_, value) => {
    expect(given(value)).toBe(value)
    if (typeof value !== 'function') expect((given({ rows: [value] }) as { rows: unknown[] }).rows[0]).toBe(value)
  })

  it('an equal copy that keeps shared and circular references', () => {
    const part = { a: 1 }
    const input: Record<string | symbol, unknown> = { part, again: [part], [Symbol.for('s')]: 1, hole: new Array(2) }
    input.self = input
    input.map = new Map<string, unknown>().set('self', input)
    ;(input.map as Map<string, unknown>).set('map', input.map)
    input.set = new Set<unknown>().add(part)
    ;(input.set as Set<unknown>).add(input.set)
    const copy = given(input) as typeof input
    expect(copy).toEqual(input)
    expect(copy).not.toBe(input)
    expect(copy.self).toBe(copy)
    expect((copy.again as unknown[])[0]).toBe(copy.part)
    expect(copy.part).not.toBe(part)
    const map = copy.map as Map<string, unknown>
    expect([map === input.map, map.get('map') === map, map.get('self') === copy]).toEqual([false, true, true])
    const set = copy.set as Set<unknown>
    expect([set === input.set, set.has(set), set.has(copy.part), set.size]).toEqual([false, true, true, 2])
  })

  it.each<[string, () => object]>([
    ['the array of a match', () => 'ab'.match(/(?<second>b)/)!],
    ['an array with columns', () => Object.assign([[1]], { columns: ['a'] })],
    ['an object with a hidden member', () => Object.defineProperty({ a: 1 }, 'meta', { value: { b: 1 } })],
    ['an object with a hidden method', () => Object.defineProperty({ a: 1 }, 'sum', { value: () => 1 })],
    ['an object with a hidden getter', () => Object.defineProperty({ a: 1 }, 'sum', { get: () => 1 })],
  ])('a copy of %s with every member that it has', (_, make) => {
    const value = make()
    const copy = given(value) as object
    expect(copy).not.toBe(value)
    expect(Reflect.ownKeys(copy)).toEqual(Reflect.ownKeys(value))
    for (const name of Reflect.ownKeys(value)) expect(Reflect.get(copy, name)).toEqual(Reflect.get(value, name))
    expect(Object.keys(copy)).toEqual(Object.keys(value))
  })

  it('a copy of the arguments of a function, with their iterator', () => {
    function argumentsOf(..._input: number[]): IArguments {
      // biome-ignore lint/complexity/noArguments: they are what is copied
      return arguments
    }
    expect([...(given(argumentsOf(1, 2)) as IArguments)]).toEqual([1, 2])
  })

  it('a copy of an array whose other members are its own', () => {
    const rows = Object.assign([[1]], { columns: ['a'] })
    const copy = given(rows) as typeof rows
    copy.columns.push('b')
    expect(rows.columns).toEqual(['a'])
  })

  it('keeps a member called __proto__ a member', () => {
    const copy = given(JSON.parse('{"__proto__":{"polluted":[1]}}')) as Record<string, unknown>
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
    expect(copy.polluted).toBeUndefined()
    expect(JSON.stringify(copy)).toBe('{"__proto__":{"polluted":[1]}}')
  })
})

describe('nothing is copied', () => {
  const input = { text: 'a' }
  const same = (x: unknown) => x

  it('for the baseline’s own calls', async () => {
    const { canary } = await stage({ strategy: always('baseline') })
    const copy = vi.fn((x: unknown): [unknown] => [x])
    expect(canary.wrap({ baseline: same, canary: same }, { fallback: { copy } })(input)).toBe(input)
    expect(canary.wrap({ baseline: same, canary: same }, { fallback: true })(input)).toBe(input)
    expect(copy).not.toHaveBeenCalled()
  })

  it.each([undefined, false])('with fallback %s', async (fallback) => {
    const { canary } = await stage()
    expect(canary.wrap({ baseline: same, canary: same }, { fallback })(input)).toBe(input)
  })

  it('where the copy is said to be the input itself', async () => {
    const { canary } = await stage()
    expect(canary.wrap({ baseline: same, canary: same }, { fallback: { copy: (...all) => all } })(input)).toBe(input)
  })
})

describe('an own copy function', () => {
  it('is what the canary gets, and the original what the baseline gets', async () => {
    const tensor = new Tensor([1])
    const seen = vi.fn(broken)
    const copy = (x: Tensor): [Tensor] => [new Tensor([...x.values])]
    expect((await outcomeOf(tensor, seen, (x) => x, { fallback: { copy } })).caller).toBe(tensor)
    expect(seen).toHaveBeenCalledWith(new Tensor([1]))
    expect(seen.mock.calls[0]).not.toEqual([expect.toSatisfy((x) => x === tensor)])
  })

  it('makes a Request readable twice', async () => {
    const request = new Request('http://localhost/', { method: 'POST', body: '[1]' })
    const readAndFail = async (x: Request) => broken(await x.json())
    const options = { fallback: { copy: (x: Request): [Request] => [x.clone()] } }
    expect(await outcomeOf(request, readAndFail, (x) => x.json(), options)).toEqual({ caller: [1], impossible: 0 })
  })

  it.each([
    ['throws', broken],
    ['gives no array', () => 'a'],
    ['gives a promise', async () => broken()],
  ])('that %s prevents the fallback, and changes nothing else', async (_, copy) => {
    const options = { fallback: { copy: copy as never } }
    const input = [1]
    expect(await outcomeOf(input, (x) => x, broken, options)).toEqual({ caller: input, impossible: 0 })
    expect(await outcomeOf(input, broken, () => 'v1', options)).toEqual({ caller: 'canary broke', impossible: 1 })
  })
})

describe('an input that cannot be copied', () => {
  it('is passed to the canary as it is, and the caller gets the canary’s error', async () => {
    const input = { text: 'a', format: () => '' }
    expect(await outcomeOf(input, (x) => x, broken)).toEqual({ caller: input, impossible: 0 })
    expect(await outcomeOf(input, broken, () => 'v1')).toEqual({ caller: 'canary broke', impossible: 1 })
  })

  it('reports the reason', async () => {
    const { canary } = await stage()
    const reported: unknown[] = []
    canary.on('internal-error', ({ error }) => reported.push(error))
    await errorOf(() => canary.wrap({ baseline: String, canary: broken }, { fallback: true })({ f: () => 1 }))
    expect(reported).toEqual([expect.objectContaining({ cause: expect.objectContaining({ name: 'DataCloneError' }) })])
  })

  it('is refused if it is nested too deeply', async () => {
    let deep: unknown[] = []
    for (let level = 0; level < 100_000; level++) deep = [deep]
    expect(await outcomeOf(deep, broken, () => 'v1')).toEqual({ caller: 'canary broke', impossible: 1 })
  })
})

it('plain inputs are copied where structuredClone does not exist', async () => {
  vi.stubGlobal('structuredClone', undefined)
  const spoil = (x: number[]) => broken(x.pop())
  expect(await outcomeOf([1, 2], spoil, (x) => x.length)).toEqual({ caller: 2, impossible: 0 })
})

const bytes = () => new Response('abc').body as ReadableStream<Uint8Array>
const post = () => new Request('http://localhost/', { method: 'POST', body: '{}' })
const file = () => Readable.from(['a', 'b'])
async function* words() {
  yield 'a'
}
const one = async (x: unknown) => {
  for await (const _ of x as AsyncIterable<unknown>) break
}

describe('an input that can be read only once', () => {
  const first = (x: unknown) => (x as Iterator<unknown>).next()
  const kinds: readonly (readonly [string, () => unknown, (input: never) => unknown])[] = [
    ['an array’s iterator', () => [1, 2].values(), first],
    ['an array’s iterator, spread', () => [1, 2].values(), (x: Iterable<number>) => [...x]],
    ['a map’s iterator, spread', () => new Map([[1, 2]]).keys(), (x: Iterable<number>) => [...x]],
    ['a set’s iterator, by Array.from', () => new Set([1]).values(), (x: Iterable<number>) => Array.from(x)],
    ['a generator', () => (function* () { yield 1 })(), first], // biome-ignore format: short
    ['an async generator', words, one],
    ['an async iterable', () => ({ [Symbol.asyncIterator]: words }), one],
    ['a web stream, by its reader', bytes, async (x: ReadableStream) => {
      const reader = x.getReader()
      await reader.read()
      reader.releaseLock()
    }],
    ['a web stream, by a reader made of it', bytes, (x: ReadableStream) => new ReadableStreamDefaultReader(x).read()],
    ['a web stream, iterated', bytes, one],
    ['a web stream, through a Response', bytes, (x: ReadableStream) => new Response(x).text()],
    ['a web stream, as a Node stream', bytes, (x: ReadableStream) => one(Readable.fromWeb(x as never))],
    ['a web stream, piped', bytes, (x: ReadableStream) => x.pipeTo(new WritableStream())],
    ['a Node stream, iterated', file, one],
    ['a Node stream, flowing', file, (x: Readable) => void x.on('data', () => {})],
    ['a Node stream, read', file, (x: Readable) => x.read()],
    ['a Node stream, destroyed', file, (x: Readable) => x.destroy()],
    ['a Request', post, (x: Request) => x.json()],
    ['a Request, by its body', post, (x: Request) => x.body?.getReader()],
    ['a Response', () => new Response('a'), (x: Response) => x.text()],
    ['an upload in a plain object', () => ({ name: 'a', parts: [{ file: file() }] }), (x: { parts: { file: Readable }[] }) => one(x.parts[0]?.file)],
    ['an upload in an array of a class instance', () => new (class Upload { parts = [{ file: file() }] })(), (x: { parts: { file: Readable }[] }) => one(x.parts[0]?.file)],
    ['an upload in a map of a class instance', () => new (class Upload { parts = new Map([['a', file()]]) })(), (x: { parts: Map<string, Readable> }) => one(x.parts.get('a'))],
    ['an upload in a map of a class of its own', () => new (class Uploads extends Map<string, Readable> {})([['a', file()]]), (x: Map<string, Readable>) => one(x.get('a'))],
    ['an upload in an array of a class of its own', () => new (class Uploads extends Array<Readable> {})(file()), (x: Readable[]) => one(x[0])],
    ['an upload in a class instance', () => new (class Upload { file = file() })(), (x: { file: Readable }) => one(x.file)], // biome-ignore format: short
  ] // biome-ignore format: a table

  it.each(kinds)('%s: the caller gets the canary’s error if the canary has read it', async (_, make, touch) => {
    const touchAndFail = async (x: unknown) => broken(await touch(x as never))
    const baseline = vi.fn(() => 'v1')
    expect(await outcomeOf(make(), touchAndFail, baseline)).toEqual({ caller: 'canary broke', impossible: 1 })
    expect(baseline).not.toHaveBeenCalled()
  })

  it.each(kinds)('%s: the baseline answers if the canary has not read it', async (_, make, touch) => {
    const input = make()
    const baseline = async (x: unknown) => {
      await touch(x as never)
      return 'v1'
    }
    expect(await outcomeOf(input, broken, baseline)).toEqual({ caller: 'v1', impossible: 0 })
  })

  it('is watched with an own copy function as well', async () => {
    const take = (x: Iterator<number>) => broken(x.next())
    const options = { fallback: { copy: (...all: [Iterator<number>]) => all } }
    const { caller, impossible } = await outcomeOf([1, 2].values() as Iterator<number>, take, () => 'v1', options)
    expect([caller, impossible]).toEqual(['canary broke', 1])
  })

  it('is watched in plain members with an own copy function as well', async () => {
    type Form = { parts: { file: Readable }[] }
    const options = { fallback: { copy: (...all: [Form]) => all } }
    const take = async ({ parts }: Form) => broken(await one(parts[0]?.file))
    const form = { parts: [{ file: file() }] }
    const { caller, impossible } = await outcomeOf(form, take, () => 'v1', options)
    expect([caller, impossible]).toEqual(['canary broke', 1])
  })

  it.each<[string, object]>([
    [
      'a long array',
      new (class Rows {
        rows = Array.from({ length: 1_000 }, () => file())
      })(),
    ],
    [
      'a circle',
      new (class Circle {
        own = [[this], [file()]]
      })(),
    ],
  ])('does not prevent the fallback if it is not read, in %s', async (_, input) => {
    expect(await outcomeOf(input, broken, () => 'v1')).toEqual({ caller: 'v1', impossible: 0 })
  })

  it('is restored after it has been read', async () => {
    const iterator = [1, 2].values()
    await outcomeOf(iterator, (x) => x.next(), broken)
    expect(Object.getOwnPropertyNames(iterator)).toEqual([])
    const iterable = { [Symbol.asyncIterator]: words }
    await outcomeOf(iterable, one, broken)
    expect(iterable[Symbol.asyncIterator]).toBe(words)
  })

  it('counts as read if it is frozen, because it cannot be watched', async () => {
    const iterable = Object.freeze({ [Symbol.asyncIterator]: words })
    expect((await outcomeOf(iterable, broken, () => 'v1')).impossible).toBe(1)
  })

  it('counts as read if reading began before the call', async () => {
    const stream = file()
    for await (const _ of stream.iterator({ destroyOnReturn: false })) break
    expect((await outcomeOf(stream, broken, () => 'v1')).impossible).toBe(1)
  })

  it('counts as read if a reader was released before the call', async () => {
    const stream = bytes()
    const reader = stream.getReader()
    const letGo = () => broken(reader.releaseLock())
    expect((await outcomeOf(stream, letGo, () => 'v1')).impossible).toBe(1)
  })

  it.each<[string, () => Promise<object>]>([
    [
      'a Request whose body was used',
      async () => {
        const x = post()
        await x.text()
        return x
      },
    ],
    [
      'a Node stream that was destroyed',
      async () => {
        const x = file().destroy()
        await new Promise((done) => x.once('close', done))
        return x
      },
    ],
    ['a Node stream that ended and stays open', async () => { const x = new Readable({ autoDestroy: false, read() { this.push('a'); this.push(null) } }); for (x.resume(); !x.readableEnded; ) await new Promise(setImmediate); return x }], // biome-ignore format: a table
  ])('does not prevent the fallback if everything was read before: %s', async (_, make) => {
    // biome-ignore format: short
    expect(await outcomeOf(await make(), broken, () => 'v1')).toEqual({ caller: 'v1', impossible: 0 })
  })

  it('does not prevent the fallback if a class instance holds it, such as a socket', async () => {
    const socket = file()
    for await (const _ of socket.iterator({ destroyOnReturn: false })) break
    const seat = new (class Seat { text = 'a'; socket = socket })() // biome-ignore format: short
    expect(await outcomeOf(seat, broken, (x) => x.text)).toEqual({ caller: 'a', impossible: 0 })
  })

  it('does not prevent the fallback if it only has a method called next, such as a subject', async () => {
    const subject = new (class Subject { text = 'a'; next(_value: string) {} })() // biome-ignore format: short
    const tell = (x: typeof subject) => broken(x.next('b'))
    expect(await outcomeOf(subject, tell, (x) => x.text)).toEqual({ caller: 'a', impossible: 0 })
  })

  it('does not prevent the fallback if it is the socket of a request that was read to its end', async () => {
    const stream = Object.assign(file(), { body: 'a', socket: file() })
    for await (const _ of stream);
    const read = (x: typeof stream) => broken(x.socket.read())
    expect(await outcomeOf(stream, read, (x) => x.body)).toEqual({ caller: 'a', impossible: 0 })
  })

  it('does not prevent the fallback if it was read to its end before, like a parsed request', async () => {
    const stream = Object.assign(file(), { body: { text: 'a' }, socket: file().resume() })
    for await (const _ of stream);
    expect(await outcomeOf(stream, broken, (x) => x.body.text)).toEqual({ caller: 'a', impossible: 0 })
  })
})

describe('fallback', () => {
  it.each([1, 'yes', null, { copies: 1 }, { copy: true }])('refuses %j', async (fallback) => {
    const { canary } = await stage()
    const wrap = () => canary.wrap({ baseline: String, canary: String }, { fallback: fallback as never })
    expect(await errorOf(wrap)).toMatchObject({ code: expect.stringMatching(/INVALID_OPTION|UNKNOWN_OPTION/) })
  })
})
