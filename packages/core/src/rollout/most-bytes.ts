/** The length of the longest number, such as `-0.0000012345678901234567`. */
const LONGEST_NUMBER = 25

/** The length of an escaped unit of text, such as `\u0007`. No unit takes more bytes of UTF-8. */
const ESCAPED = 6

/** What is nested deeper than this may contain itself. */
const DEEPEST = 32

/**
 * Returns a number of bytes that a value does not exceed as JSON, without writing it, which would take several times as
 * long; infinite for values of which this is not known. Only numbers and unusual text take fewer bytes than that.
 */
export function mostBytesOf(value: unknown, depth = 0): number {
  if (typeof value === 'number') return mostBytesOfNumber(value)
  if (typeof value === 'string') return mostBytesOfText(value)
  if (value === null || value === undefined) return 'null'.length
  if (typeof value === 'boolean') return 'false'.length
  if (typeof value !== 'object' || depth > DEEPEST) return Number.POSITIVE_INFINITY
  if (Array.isArray(value)) return mostBytesOfList(value, depth)
  if (!isPlain(value)) return Number.POSITIVE_INFINITY
  let bytes = '{}'.length
  for (const name in value) bytes += mostBytesOfText(name) + ':,'.length + mostBytesOf(value[name], depth + 1)
  return bytes
}

/** By the index: an iterator allocates an object for each item. */
function mostBytesOfList(items: readonly unknown[], depth: number): number {
  let bytes = '[]'.length + items.length
  for (let at = 0; at < items.length; at += 1) bytes += mostBytesOf(items[at], depth + 1)
  return bytes
}

function mostBytesOfNumber(value: number): number {
  if (!Number.isInteger(value) || value < 0 || value >= 1e6) return LONGEST_NUMBER
  if (value < 10) return 1
  return value < 1e3 ? 3 : 6
}

function mostBytesOfText(text: string): number {
  let bytes = text.length + '""'.length
  for (let at = 0; at < text.length; at += 1) if (!isBare(text.charCodeAt(at))) bytes += ESCAPED - 1
  return bytes
}

/** Returns whether a unit of text is ASCII that JSON does not escape. */
const isBare = (unit: number): boolean => unit >= 0x20 && unit < 0x7f && unit !== 0x22 && unit !== 0x5c

/** Returns whether an object has no JSON form of its own. */
function isPlain(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value)
  return (prototype === Object.prototype || prototype === null) && !('toJSON' in value)
}
