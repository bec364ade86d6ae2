import type { IncomingMessage } from 'node:http'

/** The body of a request. */
export interface Body {
  /** The body as JSON; the text if it is not JSON; `undefined` if there is no body. */
  readonly content: unknown
  readonly isJson: boolean
  readonly isTooLarge: boolean
}

/** The largest body that is read, in bytes, as in a real server. */
export const LARGEST_BODY = 3_145_728

/** Reads a body to its end, up to the limit of a real server. */
export async function readBody(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size <= LARGEST_BODY) chunks.push(chunk)
  }
  if (size > LARGEST_BODY) return { content: undefined, isJson: false, isTooLarge: true }
  if (size === 0) return { content: undefined, isJson: false, isTooLarge: false }
  return { ...parse(Buffer.concat(chunks).toString()), isTooLarge: false }
}

function parse(text: string): Pick<Body, 'content' | 'isJson'> {
  try {
    return { content: JSON.parse(text), isJson: true }
  } catch {
    return { content: text, isJson: false }
  }
}
