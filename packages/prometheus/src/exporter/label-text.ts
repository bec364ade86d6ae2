/** The longest label value, in UTF-16 units; core's longest name has the same length. */
const LONGEST = 64

/** Control characters, which can break a line or the output, and marks of text direction. Line feeds are escaped. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNSPEAKABLE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/**
 * Returns an external text as a label value: bounded, valid UTF-8, and without control characters or direction marks.
 * Prometheus rejects a whole scrape for one invalid byte, and a model may return any text as a class.
 */
export function labelText(text: string): string {
  return text.slice(0, LONGEST).toWellFormed().replace(UNSPEAKABLE, '\ufffd')
}

/** Returns values by label text. Names with the same label text are added up, because a series may occur only once. */
export function byLabelText<Value>(
  pairs: readonly (readonly [name: string, value: Value])[],
  add: (a: Value, b: Value) => Value,
): ReadonlyMap<string, Value> {
  const values = new Map<string, Value>()
  for (const [name, value] of pairs) {
    const text = labelText(name)
    const earlier = values.get(text)
    values.set(text, earlier === undefined ? value : add(earlier, value))
  }
  return values
}
