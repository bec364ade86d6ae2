import { createHash } from 'node:crypto'

/** Identifies the form of a file. */
const FORM = 'model-canary-1'

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Returns lines as the text of a file, with a checksum in the first line. */
export function checkedText(lines: readonly string[]): string {
  const text = lines.join('\n')
  return `${FORM} ${digestOf(text)}\n${text}`
}

/** Returns the lines of such a file; `undefined` if the file is damaged. */
export function linesOf(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined
  const end = text.indexOf('\n')
  const rest = text.slice(end + 1)
  return text.slice(0, end) === `${FORM} ${digestOf(rest)}` ? rest.split('\n') : undefined
}

/** Returns a name for anything: of hexadecimal digits, so that no file system takes it for something else. */
export const fileNameOf = (id: string): string => digestOf(JSON.stringify(id)).slice(0, 32)
