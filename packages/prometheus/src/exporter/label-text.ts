/** The longest label value that is written, in UTF-16 units: as long as the longest name in core. */
const LONGEST = 64

/** What would end a line or a whole exposition early, and what turns the direction of a text around. A line feed can be escaped. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNSPEAKABLE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/**
 * A text from outside as a label value: bounded, valid in UTF-8, and without control characters or marks of direction.
 * A scrape is refused as a whole for one bad byte in it, and a class is whatever a model says.
 */
export function labelText(text: string): string {
  return text.slice(0, LONGEST).toWellFormed().replace(UNSPEAKABLE, '\ufffd')
}

/** Values by label text: names that are written alike are added up, for a series may come only once. */
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
