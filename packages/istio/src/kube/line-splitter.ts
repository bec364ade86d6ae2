import { CanaryError } from '@model-canary/core'
import { LARGEST_BODY } from './read-body.js'

/** Takes bytes as they come and gives the lines that they complete. */
export interface LineSplitter {
  /** @throws `KUBE_FAILED` for a line that is too long */
  push(chunk: Buffer): readonly string[]
}

const NEWLINE = 0x0a

/**
 * Makes a splitter that cuts at the byte of the newline.
 * That byte is no part of any other character, so that chunks may end within one.
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
