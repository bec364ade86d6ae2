/** The longest body that a verb needs, in bytes. */
const LONGEST = 16_384

/**
 * Reads a small JSON body from a request that no parser has read: `undefined` if empty, `null` if it is none.
 * Of one that is too long the rest is let pass, since leaving early would close the connection before the answer.
 */
export async function readJsonBody(request: AsyncIterable<Uint8Array>): Promise<unknown> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request) {
    length += chunk.byteLength
    if (length <= LONGEST) chunks.push(chunk)
  }
  if (length === 0) return undefined
  if (length > LONGEST) return null
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    return null
  }
}
