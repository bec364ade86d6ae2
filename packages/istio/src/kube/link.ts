import type { IncomingMessage } from 'node:http'
import { CanaryError, type Clock, isCanaryError } from '@model-canary/core'
import { retryAfterMsOf, withDeadline } from '@model-canary/foundation'
import { type Ask, inWords } from './ask.js'
import { authorized } from './authorized.js'
import { LONGEST_RETRY_AFTER_MS } from './backoff.js'
import type { KubeConnection, KubeCredentials } from './credentials.js'
import type { Dial } from './dial.js'
import { type Failure, lasting } from './failure.js'
import { withoutSecret } from './foreign-text.js'
import { networkFailure } from './network-failure.js'
import { readBody } from './read-body.js'
import { statusFailure } from './status-failure.js'

/** Everything that one attempt needs. */
export interface Link {
  readonly connection: KubeConnection
  readonly dial: Dial
  readonly clock: Clock
  readonly timeoutMs: number
}

/** The result of an attempt, which itself rejects only with the signal's reason. */
export type Answer<T> = { readonly value: T } | { readonly failure: Failure }

/** Sends one request and resolves to the whole response as text. */
export function answerOf(link: Link, ask: Ask, signal: AbortSignal | undefined): Promise<Answer<string>> {
  return tryOnce(link, ask, signal, (response, signal) => readBody(response, signal))
}

/** Sends one request and resolves to the response with its body still open. Only the signal ends the body. */
export function streamOf(link: Link, ask: Ask, signal: AbortSignal): Promise<Answer<IncomingMessage>> {
  return tryOnce(link, ask, signal, async (response) => {
    const cut = () => response.destroy()
    signal.addEventListener('abort', cut, { once: true })
    response.once('close', () => signal.removeEventListener('abort', cut))
    return response
  })
}

type Take<T> = (response: IncomingMessage, signal: AbortSignal) => Promise<T>

async function tryOnce<T>(link: Link, ask: Ask, signal: AbortSignal | undefined, take: Take<T>): Promise<Answer<T>> {
  const { connection, dial, clock, timeoutMs } = link
  const late = () =>
    new CanaryError(
      'KUBE_UNREACHABLE',
      `${inWords(ask)}: no answer within ${timeoutMs} ms; check the server, or raise timeoutMs`,
    )
  const exchange = async (credentials: KubeCredentials, limited: AbortSignal) => {
    const response = await dial(ask, credentials, limited)
    const status = response.statusCode ?? 0
    if (status >= 200 && status < 300) return { status, answer: { value: await take(response, limited) } }
    const body = withoutSecret(await readBody(response, limited), credentials.token)
    const retryAfterMs = retryAfterMsOf(response.headers['retry-after'], clock.now(), LONGEST_RETRY_AFTER_MS)
    return { status, answer: { failure: statusFailure(ask, { status, body, retryAfterMs }) } }
  }
  try {
    const { answer } = await authorized(connection, signal, (credentials) =>
      withDeadline(clock, timeoutMs, (limited) => exchange(credentials, limited), signal, { late }),
    )
    return answer
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    if (!isCanaryError(error)) return { failure: networkFailure(ask, connection.server, error) }
    if (error.code !== 'KUBE_UNREACHABLE') return { failure: lasting(error) }
    return { failure: { error, mayPass: true, isUntouched: false } }
  }
}
