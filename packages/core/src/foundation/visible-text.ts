/**
 * What a terminal or a browser interprets instead of showing it: control characters, line separators, and marks
 * that change the direction of a text.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNSHOWN = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** Returns a text in which invisible characters are replaced by their numbers, such as `\u202e`. */
export function visible(text: string): string {
  return text.replace(UNSHOWN, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).toWellFormed()
}

/** Returns the same on one line: each run of white space becomes one space. */
export function visibleLine(text: string): string {
  return visible(text.replace(/\s+/g, ' '))
}
