import { type ClientRequest, type IncomingMessage, request } from 'node:http'

/** One request, as its sender saw it. */
export interface Sent {
  readonly startedAt: number
  /** When the answer was complete, or had failed. */
  readonly endedAt: number
  /** The status of the answer, or the code of the error. */
  readonly result: number | string
  /** The version that answered. */
  readonly version: string | undefined
  /** The process id of the worker that answered. */
  readonly worker: string | undefined
}

/** Requests that are sent until they are stopped. */
export interface Traffic {
  /** Every request that has ended, oldest first. */
  readonly sent: readonly Sent[]
  /** Sends no more. Resolves when all requests have ended. */
  stop(): Promise<void>
}

const TEXTS = ['a wonderful film', 'not good', 'the food was terrible', 'I love it', 'not bad', 'a rude waiter']
const USERS = 5_000
const TIMEOUT_MS = 10_000

/** Sends this many requests a second, each on a connection of its own, so that they reach all workers. */
export function startTraffic({ origin, rate }: { readonly origin: string; readonly rate: number }): Traffic {
  const sent: Sent[] = []
  const pending = new Set<Promise<unknown>>()
  let count = 0
  const timer = setInterval(() => {
    const text = TEXTS[count % TEXTS.length]!
    const user = `user-${count % USERS}`
    count += 1
    const one = ask(`${origin}/predict?text=${encodeURIComponent(text)}`, user).then((result) => {
      sent.push(result)
      pending.delete(one)
    })
    pending.add(one)
  }, 1_000 / rate)
  return {
    sent,
    async stop() {
      clearInterval(timer)
      await Promise.all(pending)
    },
  }
}

/** Sends one request. Resolves when its answer is complete, or has failed. */
function ask(url: string, user: string): Promise<Sent> {
  const startedAt = Date.now()
  return new Promise((resolve) => {
    const end = (result: Sent['result'], headers: IncomingMessage['headers'] = {}) =>
      resolve({
        startedAt,
        endedAt: Date.now(),
        result,
        version: headers['x-model-version']?.toString(),
        worker: headers['x-worker']?.toString(),
      })
    const failed = ({ code = 'failed' }: NodeJS.ErrnoException) => end(code)
    const call: ClientRequest = request(url, { agent: false, headers: { 'x-user-id': user }, timeout: TIMEOUT_MS })
    call.once('timeout', () => call.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })))
    call.once('error', failed)
    call.once('response', (answer) => {
      answer.once('error', failed).once('end', () => end(answer.statusCode ?? 0, answer.headers))
      answer.resume()
    })
    call.end()
  })
}
