/** Headers in the form of Node: names in lower case. */
export type IncomingHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** The part of a Node request that is used to read its body. */
export interface IncomingBody extends Partial<AsyncIterable<Uint8Array>> {
  /** The headers of the request, in lower case. */
  readonly headers?: IncomingHeaders
  /** Whether the body was read already, for example by a parser. */
  readonly readableDidRead?: boolean
}

/** The longest body that is read, in bytes. */
const LONGEST = 16_384

/**
 * Reads a small JSON body. `parsed` is the result of an earlier parser, if there was one. Parsers leave an empty object
 * for a body that they do not read; such a body is read here.
 *
 * @returns `undefined` if there is no body, `null` if it is not JSON, is too long, or was lost by a parser
 */
export async function readJsonBody(request: IncomingBody, parsed?: unknown): Promise<unknown> {
  if (typeof parsed === 'string' && parsed !== '') return jsonOf(parsed)
  if (parsed instanceof Uint8Array && parsed.byteLength > 0) return jsonOf(textOf([parsed]))
  if (!isLeftEmpty(parsed)) return parsed
  if (request.readableDidRead !== true && isReadable(request)) return readJson(request)
  if (!hasBody(request.headers ?? {})) return undefined
  return request.headers?.['content-length'] === '2' ? {} : null // "{}" is two bytes: anything longer said something
}

/** Returns whether the headers announce a body. Over HTTP/2 a body need not be announced. */
export function hasBody(headers: IncomingHeaders): boolean {
  if (headers['transfer-encoding'] !== undefined) return true
  const length = headers['content-length']
  return length !== undefined && Number(length) !== 0
}

/** Returns whether the body is JSON by its headers. Browsers send a preflight before such a body to another site. */
export function isJson(headers: IncomingHeaders): boolean {
  const type = headers['content-type']
  if (typeof type !== 'string') return false
  const essence = type.slice(0, LONGEST_TYPE).split(';', 1)[0]!.trim().toLowerCase()
  return essence === 'application/json' || (essence.startsWith('application/') && essence.endsWith('+json'))
}

/** How much of a content type is read, in UTF-16 units. */
const LONGEST_TYPE = 256

/** Returns whether a parser left this without reading a body. */
function isLeftEmpty(parsed: unknown): boolean {
  if (parsed === undefined || parsed === null || parsed === '') return true
  if (typeof parsed !== 'object' || Array.isArray(parsed)) return false
  return Object.keys(parsed).length === 0
}

const isReadable = (request: IncomingBody): request is AsyncIterable<Uint8Array> =>
  typeof request[Symbol.asyncIterator] === 'function'

/** Reads a body to its end, also one that is too long: stopping early would close the connection before the answer. */
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
