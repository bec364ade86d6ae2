import { CanaryError } from '@model-canary/core'

/** How much of an answer is read. */
export interface AnswerLimits {
  readonly bytes: number
  readonly samples: number
}

/** Why an answer was not read to its end: less of it may be asked for. */
export class AnswerTooLarge extends Error {}

/**
 * A body as text. Nothing is parsed before it is known to be small enough: bytes and samples are counted as they come,
 * and what is beyond a limit is not read.
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

/** Counts arrays within arrays, outside of strings: each sample is one. */
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
