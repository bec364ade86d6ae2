/** The most that is shown of what a server or a program said. */
const LONGEST_QUOTE = 500

/** What somebody else said, as it may stand in a message: one line of at most 500 characters. */
export function quote(text: string, longest = LONGEST_QUOTE): string {
  const start = text.slice(0, longest * 4) // white space shrinks; a megabyte need not be looked at for it
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  const line = start.replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ').trim()
  return (line.length > longest ? `${line.slice(0, longest - 1)}…` : line).toWellFormed()
}

/** The text without a secret that somebody may have echoed. */
export function withoutSecret(text: string, secret: string | undefined): string {
  return secret === undefined || secret === '' ? text : text.replaceAll(secret, '[token]')
}
