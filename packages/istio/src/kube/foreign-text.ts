/** The longest quote of a server's or a program's text, in characters. */
const LONGEST_QUOTE = 500

/** Returns an external text as one line of at most `longest` characters, for use in a message. */
export function quote(text: string, longest = LONGEST_QUOTE): string {
  const start = text.slice(0, longest * 4) // white space shrinks, but a long text need not be scanned in full
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  const line = start.replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ').trim()
  return (line.length > longest ? `${line.slice(0, longest - 1)}…` : line).toWellFormed()
}

/** Replaces a secret that a server may have echoed. */
export function withoutSecret(text: string, secret: string | undefined): string {
  return secret === undefined || secret === '' ? text : text.replaceAll(secret, '[token]')
}
