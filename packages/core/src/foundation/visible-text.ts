/**
 * What a terminal or a browser would act on instead of showing it: control characters, line separators, and the marks
 * that turn the direction of a text around.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNSHOWN = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** A text in which everything can be seen: what is not shown stands there by its number, such as `\u202e`. */
export function visible(text: string): string {
  return text.replace(UNSHOWN, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).toWellFormed()
}

/** The same on one line: white space of any kind and length is one blank. */
export function visibleLine(text: string): string {
  return visible(text.replace(/\s+/g, ' '))
}
