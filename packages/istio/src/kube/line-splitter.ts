import { CanaryError } from '@model-canary/core'
import { LARGEST_BODY } from './read-body.js'

/** Splits a stream of bytes into lines. */
export interface LineSplitter {
  /** Adds bytes and returns the lines that they complete. @throws `KUBE_FAILED` if a line is too long */
  push(chunk: Buffer): readonly string[]
}

const NEWLINE = 0x0a

/**
 * Creates a splitter that cuts at the newline byte.
 * In UTF-8 that byte is never part of another character, so a chunk may end within a character.
 */
export function createLineSplitter(longest = LARGEST_BODY): LineSplitter {
  let begun: Buffer[] = []
  let size = 0

  const keep = (part: Buffer) => {
    size += part.length
    if (size > longest) throw new CanaryError('KUBE_FAILED', `a line of the watch is longer than ${longest} bytes`)
    begun.push(part)
  }
  const complete = (): string => {
    const line = Buffer.concat(begun).toString('utf8')
    begun = []
    size = 0
    return line
  }

  return {
    push(chunk) {
      const lines: string[] = []
      let from = 0
      for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
        keep(chunk.subarray(from, end))
        from = end + 1
        const line = complete()
        if (line.trim() !== '') lines.push(line)
      }
      if (from < chunk.length) keep(chunk.subarray(from))
      return lines
    },
  }
}
