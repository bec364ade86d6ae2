import type { IncomingMessage } from 'node:http'
import { CanaryError } from '@model-canary/core'

/** The largest response that is read, in bytes; an object in etcd has at most 1.5 MiB. */
export const LARGEST_BODY = 8 * 1_024 * 1_024

/**
 * Reads the whole body as text.
 * Rejects with `KUBE_FAILED` if it is too large, with the signal's reason, or with Node's own error.
 */
export async function readBody(response: IncomingMessage, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > LARGEST_BODY) throw new CanaryError('KUBE_FAILED', `the answer is larger than ${LARGEST_BODY} bytes`)
      chunks.push(chunk)
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  }
  return Buffer.concat(chunks).toString('utf8')
}
