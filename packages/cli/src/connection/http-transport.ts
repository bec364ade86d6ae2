import { pause, retryAfterMsOf, withDeadline } from '@model-canary/foundation'
import type { World } from '../world.js'
import {
  MOST_BYTES,
  type NoAnswer,
  type RouteAnswer,
  type RouteRequest,
  type StreamRequest,
  type Transport,
} from './transport.js'

/** The options of {@link httpTransport}. */
export interface HttpTransportOptions {
  /** The address of the routes; it ends with a slash. */
  readonly base: URL
  readonly token: string | undefined
  readonly world: Pick<World, 'clock' | 'interrupted'>
}

/** The longest pause that a service can ask for, in milliseconds. */
const LONGEST_PAUSE_MS = 60_000

/** Asks the routes at an address. A redirect is not followed, because the token would go with it. */
export function httpTransport({ base, token, world: { clock, interrupted } }: HttpTransportOptions): Transport {
  const common = { accept: 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) }

  const send = (path: string, init: RequestInit): Promise<Response> =>
    fetch(new URL(path, base), { ...init, redirect: 'manual', headers: { ...common, ...init.headers } })

  return {
    place: base.href,
    ask: ({ method, path, headers, body, limitMs }: RouteRequest) =>
      withDeadline(
        clock,
        limitMs,
        async (signal) => {
          const response = await send(path, {
            method,
            signal,
            headers: { ...headers, ...(method === 'POST' && { 'content-type': 'application/json' }) },
            ...(body !== undefined && { body: JSON.stringify(body) }),
          })
          return { ...headOf(response, clock.now()), body: jsonOf(await boundedText(response)) }
        },
        interrupted,
        { keepAlive: true },
      ).catch(noAnswer),

    async stream({ path, headers, silenceMs, signal, onChunk }: StreamRequest) {
      const own = new AbortController()
      const stop = (): void => own.abort(new Error('no longer wanted'))
      signal.addEventListener('abort', stop, { once: true })
      if (signal.aborted) stop()
      const watch = silenceWatch(clock, silenceMs, () => own.abort(new Error(`silent for ${silenceMs} ms`)))
      try {
        const response = await send(path, { headers: { ...headers, accept: 'text/event-stream' }, signal: own.signal })
        const head = headOf(response, clock.now())
        const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
        if (response.status !== 200 || !isStream) return { ...head, body: jsonOf(await boundedText(response)) }
        const decoder = new TextDecoder()
        for await (const chunk of response.body ?? []) {
          watch.heard()
          onChunk(decoder.decode(chunk, { stream: true }))
        }
        return { ...head, body: undefined }
      } catch (error) {
        return noAnswer(error)
      } finally {
        watch.end()
        signal.removeEventListener('abort', stop)
      }
    },
  }
}

/** Calls back once nothing was heard for a while. */
function silenceWatch(clock: World['clock'], silenceMs: number, onSilence: () => void) {
  let done = new AbortController()
  const begin = (): void => {
    const current = new AbortController()
    done = current
    void pause(clock, silenceMs, current.signal, { keepAlive: true }).then(() => {
      if (!current.signal.aborted) onSilence()
    })
  }
  begin()
  return {
    heard() {
      done.abort()
      begin()
    },
    end: () => done.abort(),
  }
}

const headOf = (response: Response, nowMs: number): Pick<RouteAnswer, 'status' | 'retryAfterMs'> => ({
  status: response.status,
  retryAfterMs: retryAfterMsOf(response.headers.get('retry-after'), nowMs, LONGEST_PAUSE_MS),
})

/** Returns the body as text; rejects if it is longer than anything the routes answer. */
async function boundedText(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength
    if (length > MOST_BYTES) throw new Error(`the answer is larger than ${MOST_BYTES} bytes`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The reason of a failed request is in the cause: `fetch failed` says nothing. */
function noAnswer(error: unknown): NoAnswer {
  const { message, cause } = error as { readonly message?: string; readonly cause?: unknown }
  const { code, message: reason } = (cause ?? {}) as { readonly code?: string; readonly message?: string }
  return { status: null, message: [reason === '' ? undefined : reason, code, message].find(Boolean) ?? 'no answer' }
}
