import { isObserved, observeOnce } from './audience.js'
import { isNodeStream, type NodeStream } from './node-readable.js'
import { observeNodeStream } from './node-stream.js'
import { override } from './override-member.js'
import { isWebStream, observeReadableStream } from './readable-stream.js'
import type { StreamObserver } from './stream-observer.js'

/** The response of a remote model: of `fetch`, `undici.request` and others. */
export interface ResponseLike {
  readonly status?: number
  readonly statusCode?: number
  readonly headers: unknown
  readonly body: object | null | undefined
}

/** The response of `fetch`; some hosts lack some methods. */
interface FetchResponse
  extends Pick<Response, 'headers' | 'clone'>,
    Readonly<Partial<Record<Reader, () => Promise<unknown>>>> {
  readonly body: ReadableStream | null
}

type Reader = (typeof READERS)[number]

/** The methods that read a whole body. */
const READERS = ['text', 'json', 'arrayBuffer', 'blob', 'formData', 'bytes'] as const

/** Returns whether a value is a response, by its status, headers and body. */
export function isResponse(value: object): value is ResponseLike {
  if (!('headers' in value && 'body' in value)) return false
  if (typeof statusOf(value) !== 'number') return false
  if ('arrayBuffer' in value && typeof value.arrayBuffer === 'function') return true
  const { body } = value
  return typeof body === 'object' && body !== null && (isNodeStream(body) || isWebStream(body))
}

/** Returns whether a value is a message of Node's client: a stream of the body that has the status and the headers. */
export const isMessage = (value: object): value is NodeStream =>
  'headers' in value && isNodeStream(value) && typeof statusOf(value) === 'number'

/**
 * Returns the status of a failed call, from 400 up, if the output is a response or the incoming message of Node's
 * client. `undefined` for every other output.
 */
export function failedStatusOf(output: unknown): number | undefined {
  if (typeof output !== 'object' || output === null) return undefined
  try {
    const status = statusOf(output)
    if (typeof status !== 'number' || !(status >= 400 && status <= 599)) return undefined
    return isResponse(output) || isMessage(output) ? status : undefined
  } catch {
    return undefined // a getter of the output threw
  }
}

/**
 * Watches a response's body, which is part of the call, for every way of reading it. `undefined` if there is no body.
 * The caller already has the headers, so a body that is never read counts as a success.
 */
export function observeResponse<Given extends ResponseLike>(
  response: Given,
  observer: StreamObserver,
): Given | undefined {
  if (!isObserved(response)) {
    const { body } = response
    if (body === null || body === undefined) return undefined
    if (isNodeStream(body)) {
      observeBody(body, observer)
      return response
    }
    if (!isWebStream(body)) return undefined
  }
  if ((response as { readonly bodyUsed?: boolean }).bodyUsed) return undefined
  observeOnce(response, observer, ({ everybody }) => {
    watch(response as unknown as FetchResponse, response.body as ReadableStream, everybody)
  })
  observer.mayStayUnread()
  return response
}

/** Watches a message of Node's client, which is its own body. */
export function observeMessage(message: NodeStream, observer: StreamObserver): NodeStream {
  observeBody(message, observer)
  return message
}

function observeBody(body: NodeStream, observer: StreamObserver): void {
  observeNodeStream(body, observer)
  observer.mayStayUnread()
}

/** Releases a body that will not be read. */
export function releaseResponse({ body }: ResponseLike, release: (body: unknown) => void): void {
  release(body)
}

const statusOf = (value: object): unknown =>
  'status' in value ? value.status : 'statusCode' in value ? value.statusCode : undefined

/** Replaces the body by a watched one only when it is accessed, so that the body is not locked before. */
function watch(response: FetchResponse, body: ReadableStream, observer: StreamObserver): void {
  let given: ReadableStream | undefined
  let unread = body
  observer.parked(true)
  const watchBody = () =>
    overrideGetter(response, 'body', () => {
      given ??= observeReadableStream(unread as ReadableStream<Uint8Array>, { ...observer, mayStayUnread() {} })
      return given
    })
  let restoreBody = watchBody()
  for (const name of READERS) {
    const read = response[name]
    if (typeof read !== 'function') continue
    override(response, name, () => {
      if (given === undefined) return seen(read.call(response), observer)
      const rest = new Response(given as ReadableStream<Uint8Array<ArrayBuffer>>, { headers: response.headers })
      return (rest as FetchResponse)[name]!()
    })
  }
  const { clone } = response
  /** Throws if the body is being read, as a response does. */
  const shareGiven = (): ReadableStream => {
    const [own, copied] = given!.tee()
    given = own
    return copied
  }
  override(response, 'clone', () => {
    if (given !== undefined) return copyOf(response as unknown as Response, shareGiven())
    restoreBody()
    const copy: FetchResponse = clone.call(response)
    unread = response.body!
    restoreBody = watchBody()
    watch(copy, copy.body!, observer)
    return copy
  })
}

function copyOf({ status, statusText, headers, url }: Response, body: ReadableStream): Response {
  const copy = new Response(body as ReadableStream<Uint8Array<ArrayBuffer>>, { status, statusText, headers })
  overrideGetter(copy, 'url', () => url)
  return copy
}

function overrideGetter(target: object, name: PropertyKey, get: () => unknown): () => void {
  Object.defineProperty(target, name, { get, configurable: true, enumerable: false })
  return () => void Reflect.deleteProperty(target, name)
}

async function seen(reading: Promise<unknown>, observer: StreamObserver): Promise<unknown> {
  observer.parked(false)
  try {
    const content = await reading
    observer.chunk()
    observer.ended()
    return content
  } catch (error) {
    observer.failed(error)
    throw error
  }
}
