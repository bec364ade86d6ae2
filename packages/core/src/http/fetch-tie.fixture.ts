import type { RequestTie } from './request-tie.js'

/** A tie for a handler of `Request` and `Response`, and the calls that the host makes to it. */
export interface FetchTie extends RequestTie {
  /** Adds the headers that were set, and ties the canary to the response that goes out. */
  finish(response: Response): Response
  /** Notes that the handler threw, and that the host answers instead. */
  fail(): void
}

/** Creates a tie for one request of a host that serves `Request` and `Response`, such as Hono, Next or a worker. */
export function fetchTie({ signal }: Request): FetchTie {
  const ending = new AbortController()
  const headers = new Headers()
  let status = 0
  let how: RequestTie['ending'] = 'error'
  const end = (as: RequestTie['ending']): void => {
    if (ending.signal.aborted) return
    how = as
    ending.abort()
  }
  if (signal.aborted) end('aborted')
  else signal.addEventListener('abort', () => end('aborted'), { once: true })

  return {
    onEnd(settle) {
      if (ending.signal.aborted) queueMicrotask(settle)
      else ending.signal.addEventListener('abort', () => settle(), { once: true })
    },
    get isOver() {
      return ending.signal.aborted
    },
    get isAnswered() {
      return ending.signal.aborted && how === 'answered'
    },
    get isBegun() {
      return status !== 0
    },
    get ending() {
      return how
    },
    get status() {
      return status
    },
    connection: undefined,
    setHeader(name, value) {
      if (status === 0) headers.set(name, value)
    },
    finish(response) {
      const { body } = response
      for (const [name, value] of response.headers) headers.append(name, value)
      status = response.status
      if (body === null) end('answered')
      const passed = body?.pipeThrough(new TransformStream({ flush: () => end('answered') }))
      return new Response(passed ?? null, { status, headers })
    },
    fail: () => end('error'),
  }
}
