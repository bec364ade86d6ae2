import { CanaryError } from '../foundation/errors.js'
import { optionalFunction, refuseUnknown } from '../foundation/options.js'
import { ignoreRejection } from '../routing/rejections.js'
import { isNodeStream } from './streams/node-readable.js'
import { type Touched, watchReadOnce } from './streams/read-once.js'

/** How the input is preserved for the baseline while the canary uses it. */
export interface FallbackOptions<Input extends unknown[]> {
  /**
   * Returns the arguments that the canary gets; the baseline gets the original ones if it has to answer. Return
   * `input` itself to copy nothing. If it throws, there is no fallback for this call (`FALLBACK_IMPOSSIBLE`).
   * @default copies plain arrays and objects, also nested ones; typed arrays, Buffers and class instances are shared
   */
  readonly copy?: ((...input: Input) => readonly unknown[]) | undefined
}

/** The input of one canary call that the baseline may have to answer. */
export interface FallbackInput {
  /** The arguments of the canary. */
  readonly given: readonly unknown[]
  /** Returns why the baseline can no longer use the original input; `undefined` if it can. */
  obstacle(): { readonly detail: string; readonly cause?: unknown } | undefined
}

/** Preserves the input for the baseline, and creates arguments that the canary may read and change. Never throws. */
export function fallbackInput(option: true | FallbackOptions<unknown[]>, input: readonly unknown[]): FallbackInput {
  const touched: Touched[] = []
  try {
    const given = option === true || option.copy === undefined ? copyAll(input, touched) : copyBy(option.copy, input)
    if (option !== true && option.copy !== undefined) for (const value of input) watchWithin(value, touched)
    return {
      given,
      obstacle: () => (touched.some((isTouched) => isTouched()) ? { detail: READ } : undefined),
    }
  } catch (cause) {
    return { given: input, obstacle: () => ({ detail: NOT_COPIED, cause }) }
  }
}

/** Throws if `fallback` is neither a boolean nor an object of its options. */
export function checkFallback(where: string, option: unknown): void {
  if (option === undefined || typeof option === 'boolean') return
  refuseUnknown(`${where}: fallback`, option, { copy: 1 })
  optionalFunction(`${where}: fallback.copy`, (option as FallbackOptions<unknown[]>).copy)
}

const READ =
  'the canary failed and may have read an input that can be read only once (an iterator, a stream, a Request); pass an input that can be read twice'

const NOT_COPIED =
  'the canary failed, and it may have changed its input, which could not be copied (see the cause); pass fallback: { copy } with a copy function of your own'

function copyBy(copy: (...input: unknown[]) => unknown, input: readonly unknown[]): readonly unknown[] {
  const given = copy(...input)
  if (Array.isArray(given)) return given
  ignoreRejection(given)
  throw new CanaryError('INVALID_OPTION', 'fallback.copy must return an array of arguments')
}

function copyAll(input: readonly unknown[], touched: Touched[]): readonly unknown[] {
  let seen: Map<object, object> | undefined
  return input.map((value) => {
    if (typeof value !== 'object' || value === null) return value // functions among the arguments are shared
    seen ??= new Map()
    return copyOf(value, seen, touched)
  })
}

/** Copies plain values and shares the rest. Throws a `DataCloneError` if a plain value contains a function. */
function copyOf(value: unknown, seen: Map<object, object>, touched: Touched[]): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') return structuredClone(value)
  if (typeof value !== 'object' || value === null) return value
  const known = seen.get(value)
  if (known !== undefined) return known
  const kind = kindOf(value)
  if (kind === 'array') return copyItems(value as unknown[], seen, touched)
  const isTouched = ArrayBuffer.isView(value) ? undefined : watchReadOnce(value)
  if (isTouched !== undefined) {
    touched.push(isTouched)
    return value
  }
  if (kind === 'object') return copyMembers(value, seen, touched)
  if (kind === 'date') return structuredClone(value)
  if (kind === 'map') return copyMap(value as Map<unknown, unknown>, seen, touched)
  if (kind === 'set') return copySet(value as Set<unknown>, seen, touched)
  watchWithin(value, touched)
  return value
}

/** The largest number of items of an array of which other members are looked for: that takes a list of their names. */
const MOST_LISTED = 256

function copyItems(items: unknown[], seen: Map<object, object>, touched: Touched[]): unknown[] {
  const copy = items.slice()
  seen.set(items, copy)
  for (let at = 0; at < copy.length; at += 1) {
    const item = copy[at]
    if (isCopied(item)) copy[at] = copyOf(item, seen, touched)
  }
  if (items.length > MOST_LISTED || Object.keys(items).length <= items.length) return copy
  return copyRest(items, copy, seen, touched)
}

function copyMembers(value: object, seen: Map<object, object>, touched: Touched[]): object {
  const bare: Record<PropertyKey, unknown> = Object.getPrototypeOf(value) === null ? Object.create(null) : {}
  const copy = Object.getPrototypeOf(value) === null ? Object.assign(bare, value) : { ...value }
  seen.set(value, copy)
  const names = Object.keys(copy)
  for (const name of names) {
    const member = (copy as Record<string, unknown>)[name]
    if (isCopied(member)) (copy as Record<string, unknown>)[name] = copyOf(member, seen, touched)
  }
  return Object.getOwnPropertyNames(value).length === names.length ? copy : copyRest(value, copy, seen, touched)
}

/**
 * Gives a copy the members that it lacks: those of an array besides its items, such as the index of a match, and those
 * that are not enumerable, which are shared.
 */
function copyRest<Copy extends object>(value: Copy, copy: Copy, seen: Map<object, object>, touched: Touched[]): Copy {
  for (const name of Reflect.ownKeys(value)) {
    if (Object.hasOwn(copy, name)) continue
    const member = Object.getOwnPropertyDescriptor(value, name)!
    if (member.enumerable && isCopied(member.value)) member.value = copyOf(member.value, seen, touched)
    Object.defineProperty(copy, name, member)
  }
  return copy
}

function copyMap(map: Map<unknown, unknown>, seen: Map<object, object>, touched: Touched[]): object {
  const copy = new Map<unknown, unknown>()
  seen.set(map, copy)
  for (const [key, value] of map) copy.set(copyOf(key, seen, touched), copyOf(value, seen, touched))
  return copy
}

function copySet(set: Set<unknown>, seen: Map<object, object>, touched: Touched[]): object {
  const copy = new Set<unknown>()
  seen.set(set, copy)
  for (const value of set) copy.add(copyOf(value, seen, touched))
  return copy
}

const isCopied = (value: unknown): boolean =>
  (typeof value === 'object' && value !== null) || typeof value === 'function' || typeof value === 'symbol'

type Kind = 'array' | 'object' | 'map' | 'set' | 'date' | 'instance'

/** Goes by the shape of the prototypes, so that it works for values of another realm. A subclass is an instance. */
function kindOf(value: object): Kind {
  const prototype: object | null = Object.getPrototypeOf(value)
  if (prototype === null) return 'object'
  const above: object | null = Object.getPrototypeOf(prototype)
  if (above === null) return Object.hasOwn(prototype, 'isPrototypeOf') ? 'object' : 'instance'
  if (Array.isArray(value)) return Object.getPrototypeOf(above) === null ? 'array' : 'instance'
  if (prototype === Map.prototype) return 'map'
  if (prototype === Set.prototype) return 'set'
  return prototype === Date.prototype ? 'date' : 'instance'
}

/** The maximum number of members in which values that can be read only once are looked for. */
const MOST_WATCHED = 256

/** Watches values that can be read only once: the value itself, its own members, and what plain members of it hold. */
function watchWithin(value: unknown, touched: Touched[]): void {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return
  const isTouched = watchReadOnce(value)
  if (isTouched !== undefined) touched.push(isTouched)
  if (isTouched !== undefined || isNodeStream(value)) return
  const holders = new Set([value]) // grows while it is walked
  let left = MOST_WATCHED
  for (const holder of holders) {
    for (const member of membersOf(holder)) {
      if (left-- === 0) return
      if (typeof member !== 'object' || member === null || ArrayBuffer.isView(member)) continue
      const isMemberTouched = watchReadOnce(member)
      if (isMemberTouched?.() === false) touched.push(isMemberTouched) // being read already, such as a socket
      if (isMemberTouched === undefined && kindOf(member) !== 'instance') holders.add(member)
    }
  }
}

/** Yields the members of an object, without calls of its getters, and what a map or a set holds. */
function* membersOf(holder: object): Generator<unknown> {
  if (Array.isArray(holder)) {
    yield* Array.prototype.values.call(holder) // one by one: a long array is not listed first
    return
  }
  if (holder instanceof Map) for (const entry of Map.prototype.entries.call(holder)) yield* entry
  if (holder instanceof Set) yield* Set.prototype.values.call(holder)
  for (const name of Object.keys(holder)) yield Object.getOwnPropertyDescriptor(holder, name)?.value
}
