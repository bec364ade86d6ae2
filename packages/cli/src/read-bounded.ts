import { closeSync, openSync, readSync } from 'node:fs'
import { EXIT } from './exit-codes.js'
import { failure } from './failure.js'

/** Returns the text of a file; `-` is standard input. Refuses a file that is longer than `mostBytes`, also one whose length is not known. */
export function readBounded(path: string, mostBytes: number): string {
  try {
    const file = path === '-' ? openedStdin() : openSync(path, 'r')
    try {
      return textOf(file, path, mostBytes)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    if (error instanceof Error && 'exit' in error) throw error
    const { code = 'unknown' } = error as { readonly code?: string }
    throw failure(EXIT.usage, 'FILE_UNREADABLE', `${path} cannot be read (${code})`)
  }
}

/**
 * Opens standard input anew where that is possible, because what the parent has made non-blocking cannot be read here.
 * It is not possible for a socket, which a parent program may have made.
 */
function openedStdin(): number {
  if (process.platform === 'win32') return STDIN
  try {
    return openSync('/dev/stdin', 'r')
  } catch {
    return STDIN
  }
}

const STDIN = 0

const CHUNK = 65_536

function textOf(file: number, path: string, mostBytes: number): string {
  const chunks: Buffer[] = []
  let length = 0
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK)
    const read = readSync(file, chunk, 0, CHUNK, null)
    if (read === 0) return Buffer.concat(chunks).toString('utf8')
    length += read
    if (length > mostBytes)
      throw failure(EXIT.usage, 'FILE_TOO_LARGE', `${path} is larger than ${mostBytes} bytes, which is the most`)
    chunks.push(chunk.subarray(0, read))
  }
}
