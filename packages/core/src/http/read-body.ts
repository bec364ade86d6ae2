/** Headers as Node has them: names in lower case. */
export type IncomingHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** As much of a request of Node's as is looked at to read its body. */
export interface IncomingBody extends Partial<AsyncIterable<Uint8Array>> {
  /** The headers of the request, in lower case. */
  readonly headers?: IncomingHeaders
  /** Whether anybody has read of the body, a parser for instance. */
  readonly readableDidRead?: boolean
}

/** The longest body that a verb needs, in bytes. */
const LONGEST = 16_384

/**
 * Reads a small JSON body. `parsed` is what a parser before this has left, where there was one: parsers leave an empty
 * object for what they do not read, and then it is read here.
 *
 * @returns `undefined` if there is no body, `null` if it is no JSON, too long, or lost by a parser
 */
export async function readJsonBody(request: IncomingBody, parsed?: unknown): Promise<unknown> {
  if (typeof parsed === 'string' && parsed !== '') return jsonOf(parsed)
  if (parsed instanceof Uint8Array && parsed.byteLength > 0) return jsonOf(textOf([parsed]))
  if (!isLeftEmpty(parsed)) return parsed
  if (request.readableDidRead !== true && isReadable(request)) return readJson(request)
  if (!hasBody(request.headers ?? {})) return undefined
  return request.headers?.['content-length'] === '2' ? {} : null // "{}" is two bytes: anything longer said something
}

/** Whether the headers announce a body. One of HTTP/2 may come without a word. */
export function hasBody(headers: IncomingHeaders): boolean {
  if (headers['transfer-encoding'] !== undefined) return true
  const length = headers['content-length']
  return length !== undefined && Number(length) !== 0
}

/** Whether the headers say that the body is JSON. Browsers ask first before they send such a body to another site. */
export function isJson(headers: IncomingHeaders): boolean {
  const type = headers['content-type']
  if (typeof type !== 'string') return false
  const essence = type.slice(0, LONGEST_TYPE).split(';', 1)[0]!.trim().toLowerCase()
  return essence === 'application/json' || (essence.startsWith('application/') && essence.endsWith('+json'))
}

/** The longest content type that is looked at, in UTF-16 units. */
const LONGEST_TYPE = 256

/** What parsers leave where they have read nothing. */
function isLeftEmpty(parsed: unknown): boolean {
  if (parsed === undefined || parsed === null || parsed === '') return true
  if (typeof parsed !== 'object' || Array.isArray(parsed)) return false
  return Object.keys(parsed).length === 0
}

const isReadable = (request: IncomingBody): request is AsyncIterable<Uint8Array> =>
  typeof request[Symbol.asyncIterator] === 'function'

/** Of a body that is too long the rest is let pass, since leaving early would close the connection before the answer. */
async function readJson(request: AsyncIterable<Uint8Array>): Promise<unknown> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request) {
    length += chunk.byteLength
    if (length <= LONGEST) chunks.push(chunk)
  }
  if (length === 0) return undefined
  return length > LONGEST ? null : jsonOf(textOf(chunks))
}

const textOf = (chunks: readonly Uint8Array[]): string => Buffer.concat(chunks).toString('utf8')

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
