import { runInNewContext } from 'node:vm'

const boom = (): never => {
  throw new Error('boom')
}

const throwing = (name: PropertyKey): object => Object.defineProperty({}, name, { get: boom, enumerable: true })

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

const trapped = (): object =>
  new Proxy({}, { get: boom, has: boom, ownKeys: boom, getOwnPropertyDescriptor: boom, getPrototypeOf: boom })

const iterable = (next: unknown, more: object = {}): object => ({
  [Symbol.asyncIterator]: () => ({ next, ...more }),
})

const iterator = (name: symbol, next: unknown): object => ({
  [name]() {
    return this
  },
  next,
})

const thenable = (then: unknown): object => Object.defineProperty({}, 'then', { value: then })

const MEMBERS = [
  ...['then', 'pipe', 'read', 'on', 'getReader', 'locked', 'next', 'status', 'statusCode', 'headers', 'body'],
  ...['subscribe', 'bodyUsed', 'constructor', 'iterator', 'tee', 'ended', 'toJSON', 'toString', 'stream'],
  Symbol.asyncIterator,
  Symbol.iterator,
] as const

/** Makers of hostile values, by their description. Each returns a new value. */
export const HOSTILE: Readonly<Record<string, () => unknown>> = {
  ...Object.fromEntries(MEMBERS.map((name) => [`a getter "${String(name)}" that throws`, () => throwing(name)])),
  'a revoked proxy': () => revoked({}),
  'a revoked proxy of a function': () => revoked(() => {}),
  'a proxy whose traps throw': trapped,
  'a promise of another realm that rejects': () => runInNewContext('Promise.reject(new Error("foreign"))'),
  'a promise of another realm': () => runInNewContext('Promise.resolve("foreign")'),
  'a generator of another realm': () => runInNewContext('(async function* () { yield "a" })()'),
  'a generator of another realm that fails': () => runInNewContext('(async function* () { throw new Error("x") })()'),
  'a promise that rejects': () => Promise.reject(new Error('rejected')),
  'a promise with a then of its own': () => Object.defineProperty(Promise.resolve('a'), 'then', { value: boom }),
  'a promise with a constructor that throws': () =>
    Object.defineProperty(Promise.resolve('a'), 'constructor', { get: boom }),
  'a promise of something hostile': () => Promise.resolve(trapped()),
  'a thenable that throws': () => thenable(boom),
  'a thenable that says all of it': () =>
    thenable((yes: (value: unknown) => void, no: (error: unknown) => void) => {
      yes('a')
      no(new Error('b'))
      boom()
    }),
  'a thenable that rejects twice': () =>
    thenable((_: unknown, no: (error: unknown) => void) => {
      no(new Error('a'))
      no(new Error('b'))
    }),
  'an iterator that gives numbers': () => iterable(async () => 5),
  'an iterator that gives nothing': () => iterable(async () => undefined),
  'an iterator that gives null at once': () => iterable(() => null),
  'an iterator that gives what cannot be looked at': () => iterable(async () => revoked({})),
  'an iterator whose done throws': () => iterable(async () => throwing('done')),
  'an iterator whose value throws': () => iterable(async () => Object.assign(throwing('value'), { done: false })),
  'an iterator whose next throws': () => iterable(boom),
  'an iterator of another realm that rejects': () => iterable(() => runInNewContext('Promise.reject(new Error("x"))')),
  'an iterator without a next': () => iterable(undefined),
  'an iterator with a number for return': () => iterable(async () => ({ done: true }), { return: 5, throw: 6 }),
  'an iterator whose return throws': () => iterable(async () => ({ done: false, value: 1 }), { return: boom }),
  'an iterable that gives a number': () => ({ [Symbol.asyncIterator]: () => 5 }),
  'an iterable that gives nothing': () => ({ [Symbol.asyncIterator]: () => undefined }),
  'an iterable that gives a revoked iterator': () => ({ [Symbol.asyncIterator]: () => revoked({}) }),
  'an iterable that throws': () => ({ [Symbol.asyncIterator]: boom }),
  'an iterator over itself that gives numbers': () => iterator(Symbol.asyncIterator, async () => 5),
  'a plain iterator that gives numbers': () => iterator(Symbol.iterator, () => 5),
  'a plain iterator that gives nothing': () => iterator(Symbol.iterator, () => undefined),
  'a plain iterator whose next throws': () => iterator(Symbol.iterator, boom),
  'a frozen iterator': () => Object.freeze(iterator(Symbol.asyncIterator, async () => ({ done: true }))),
  'something like a Node stream': () => ({ pipe: boom, read: boom, on: boom }),
  'something like a web stream': () => ({ getReader: boom, cancel: boom, locked: false }),
  'something like a response': () => ({ status: 500, headers: {}, body: { pipe: boom, read: boom, on: boom } }),
  'something like an observable': () => ({ subscribe: () => revoked({}), pipe: boom }),
  'an object of such things': () => ({ a: revoked({}), b: trapped(), c: throwing('then') }),
  'a word that is no outcome': () => 'failed',
  'a symbol': () => Symbol('s'),
  'a bigint': () => 10n,
  'a function': () => boom,
  'no prototype': () => Object.create(null),
  'no number': () => Number.NaN,
  nothing: () => undefined,
}
