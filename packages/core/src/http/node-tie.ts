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

/** What is to be called at the end of a response, on the listener for its close. */
const TASKS = Symbol('model-canary.tasks')

/** One listener for all canaries, because Node warns of more than ten. */
interface CloseListener {
  (): void
  readonly [TASKS]: (() => void)[]
}

/** The part of a Node `ServerResponse` that is used. */
export interface ResponseLike extends EndingResponse {
  /** The status that was sent, or is about to be. */
  readonly statusCode: number
  /** True once the headers were sent. */
  readonly headersSent: boolean
  /** Sets a header of the response. */
  setHeader(name: string, value: string): unknown
  /** Returns the listeners for its close. Without it, each canary adds a listener of its own. */
  listeners?(event: 'close'): readonly unknown[]
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
    const response = this.#response
    const present = isOver(response) ? undefined : closeListenerOf(response)
    if (present === undefined) whenOver(response, createCloseListener(settle))
    else present[TASKS].push(settle)
  }

  setHeader(name: string, value: string): void {
    if (!this.#response.headersSent) this.#response.setHeader(name, value)
  }
}

function createCloseListener(task: () => void): CloseListener {
  const tasks = [task]
  const listener = (): void => {
    for (const each of tasks) each()
  }
  return Object.assign(listener, { [TASKS]: tasks })
}

/** Finds it among the listeners: Express sets the prototype of a response, which makes a further member expensive. */
const closeListenerOf = (response: ResponseLike): CloseListener | undefined =>
  response.listeners?.('close').find(isCloseListener)

const isCloseListener = (listener: unknown): listener is CloseListener =>
  typeof listener === 'function' && TASKS in listener
