import {
  connectionOf,
  type EndingResponse,
  isAnswered,
  isBegun,
  isClientGone,
  isClosedNormally,
  isOver,
  isWebsocket,
  whenOver,
} from '../serving/response-end.js'
import type { RequestTie } from './request-tie.js'

const WAITING = Symbol('model-canary.waiting')

/** A response with what is called at its end: one listener for all canaries, because Node warns of more than ten. */
type WaitedFor = ResponseLike & { [WAITING]?: (() => void)[] }

/** The part of a Node `ServerResponse` that is used. */
export interface ResponseLike extends EndingResponse {
  /** The status that was sent, or is about to be. */
  readonly statusCode: number
  /** True once the headers were sent. */
  readonly headersSent: boolean
  /** Sets a header of the response. */
  setHeader(name: string, value: string): unknown
}

/**
 * Ties a canary to a response of Node: of `node:http` or `node:http2`, or to the raw response of a framework.
 *
 * @example
 * const seat = requestCanary(canary, nodeTie(response), { request: () => ({ key }), versionHeader: false })
 */
export function nodeTie(response: ResponseLike): RequestTie {
  return new NodeTie(response)
}

/** A class for the same reason as `LiveRequest`: one is made for every request, also for those that never use it. */
class NodeTie implements RequestTie {
  readonly #response: ResponseLike

  constructor(response: ResponseLike) {
    this.#response = response
  }

  get isOver(): boolean {
    return isOver(this.#response)
  }

  get isAnswered(): boolean {
    return this.#response.writableFinished
  }

  get isBegun(): boolean {
    return isBegun(this.#response)
  }

  get ending(): 'answered' | 'aborted' | 'error' {
    const response = this.#response
    if (isAnswered(response)) return 'answered'
    if (isWebsocket(response) && isClosedNormally(response)) return 'answered'
    return isClientGone(response) ? 'aborted' : 'error'
  }

  get status(): number {
    return this.#response.statusCode
  }

  get connection(): object | undefined {
    return connectionOf(this.#response)
  }

  onEnd(settle: () => void): void {
    const response: WaitedFor = this.#response
    const waiting = isOver(response) ? undefined : response[WAITING]
    if (waiting !== undefined) {
      waiting.push(settle)
      return
    }
    const all = [settle]
    response[WAITING] = all
    whenOver(response, () => {
      for (const each of all) each()
    })
  }

  setHeader(name: string, value: string): void {
    if (!this.#response.headersSent) this.#response.setHeader(name, value)
  }
}
