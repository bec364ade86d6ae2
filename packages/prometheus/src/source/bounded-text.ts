import { CanaryError } from '@model-canary/core'

/** The largest response that is read. */
export interface AnswerLimits {
  readonly bytes: number
  readonly samples: number
}

/** The cause of an error for a response that is too large. A query over a shorter range may succeed. */
export class AnswerTooLarge extends Error {}

/**
 * Reads a body as text. Bytes and samples are counted as they arrive, and reading stops at a limit, so that no response
 * is parsed that is too large.
 *
 * @throws `QUERY_FAILED`, with `AnswerTooLarge` as its cause
 */
export async function boundedText({ body }: Response, most: AnswerLimits): Promise<string> {
  if (body === null) return ''
  const decoder = new TextDecoder()
  const samplesAfter = sampleCounter()
  let text = ''
  let bytes = 0
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength
    if (bytes > most.bytes) throw tooLarge(`is longer than ${most.bytes} bytes; narrow the selector`)
    if (samplesAfter(chunk) > most.samples) {
      throw tooLarge(`has more than ${most.samples} samples; narrow the selector, or raise maxSamples`)
    } // leaving the loop cancels the body
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

const tooLarge = (what: string): CanaryError =>
  new CanaryError('QUERY_FAILED', `the answer ${what}`, { cause: new AnswerTooLarge(what) })

const [QUOTE, BACKSLASH, OPEN, COMMA] = [0x22, 0x5c, 0x5b, 0x2c]

/** Counts samples: each is an array within an array, outside of strings. */
function sampleCounter(): (chunk: Uint8Array) => number {
  let samples = 0
  let isInString = false
  let isEscaped = false
  let before = 0
  return (chunk) => {
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!
      if (isInString) {
        if (isEscaped) isEscaped = false
        else if (byte === BACKSLASH) isEscaped = true
        else if (byte === QUOTE) isInString = false
        continue
      }
      if (byte <= 0x20) continue
      if (byte === QUOTE) isInString = true
      else if (byte === OPEN && (before === OPEN || before === COMMA)) samples += 1
      before = byte
    }
    return samples
  }
}
