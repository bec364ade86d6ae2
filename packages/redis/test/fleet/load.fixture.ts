import { Agent, request } from 'node:http'
import { vi } from 'vitest'
import type { Answer } from './messages.fixture.js'
import { PATIENCE, type Service, type Worker } from './processes.fixture.js'

/** One request of a user, as the load balancer saw it. */
export interface Sent {
  readonly worker: Worker
  /** In milliseconds on the clock of this process. */
  readonly sentAt: number
  endedAt?: number
  answer?: Answer
  /** Why there is no answer. */
  failure?: string
}

/** The requests of all users. */
export interface Load {
  /** Every request, oldest first. */
  readonly ledger: readonly Sent[]
  /** Sends requests until `stop`. */
  start(perSecond: number): void
  /** Sends no more. Resolves when all requests have ended, but for those of workers that do not serve. */
  stop(): Promise<void>
  /** Requests that were sent to a worker and have not ended. */
  pendingOf(worker: Worker): readonly Sent[]
  close(): void
}

/** How often requests are sent, in milliseconds. */
const TICK_MS = 20

/** Every how many requests the model is slow, and for how long, in milliseconds. */
const SLOW = { every: 25, ms: 200 }

/** Creates the load balancer of a service: its workers take turns. */
export function createLoad(service: Service): Load {
  const agent = new Agent({ keepAlive: true })
  const ledger: Sent[] = []
  const pending = new Set<Sent>()
  let timer: NodeJS.Timeout | undefined
  let count = 0

  const send = (worker: Worker): void => {
    count += 1
    const ms = count % SLOW.every === 0 ? SLOW.ms : 1
    const sent: Sent = { worker, sentAt: performance.now() }
    ledger.push(sent)
    pending.add(sent)
    const end = (result: Pick<Sent, 'answer' | 'failure'>): void => {
      if (sent.endedAt !== undefined) return
      Object.assign(sent, result, { endedAt: performance.now() })
      pending.delete(sent)
    }
    const path = `/?user=user-${count}&ms=${ms}`
    request({ host: '127.0.0.1', port: worker.port, path, agent }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.once('error', ({ message }) => end({ failure: message }))
      response.once('end', () =>
        end(response.statusCode === 200 ? { answer: JSON.parse(text) } : { failure: `status ${response.statusCode}` }),
      )
    })
      .once('error', ({ message }) => end({ failure: message }))
      .end()
  }

  return {
    ledger,
    start(perSecond) {
      clearInterval(timer)
      let begunAt = performance.now()
      let owed = 0
      timer = setInterval(() => {
        const now = performance.now()
        owed = Math.min(owed + ((now - begunAt) * perSecond) / 1_000, perSecond / 4) // no burst after a stall
        begunAt = now
        const serving = service.workers.filter(({ isServing }) => isServing)
        for (; owed >= 1 && serving.length > 0; owed -= 1) send(serving[count % serving.length]!)
      }, TICK_MS)
    },
    async stop() {
      clearInterval(timer)
      await vi.waitUntil(() => ![...pending].some(({ worker }) => worker.isServing), PATIENCE)
    },
    pendingOf: (worker) => [...pending].filter((sent) => sent.worker === worker),
    close() {
      clearInterval(timer)
      agent.destroy()
    },
  }
}

/** Requests that failed, but for those that a worker got that does not serve any more. */
export const failedIn = ({ ledger }: Load): readonly object[] =>
  ledger
    .filter(({ failure, worker }) => failure !== undefined && worker.isServing)
    .map(({ worker, ...sent }) => ({ ...sent, port: worker.port }))

/** How many requests were answered in a step of an epoch, of all workers or of one. */
export const answeredIn = ({ ledger }: Load, epoch: number, step: number, of?: (sent: Sent) => boolean): number =>
  ledger.filter((sent) => sent.answer?.epoch === epoch && sent.answer.step === step && (of?.(sent) ?? true)).length

/** The 99th percentile of the latency of requests, in milliseconds; those that wait still count up to now. */
export function p99Of(requests: readonly Sent[]): number {
  const latencies = latenciesOf(requests)
  return latencies[Math.floor(latencies.length * 0.99)] ?? 0
}

/** The longest time that a request took beyond that of a slow model, in milliseconds. */
export const longestDelayOf = (requests: readonly Sent[]): number =>
  Math.max(0, (latenciesOf(requests).at(-1) ?? 0) - SLOW.ms)

function latenciesOf(requests: readonly Sent[]): readonly number[] {
  const now = performance.now()
  return requests.map(({ sentAt, endedAt = now }) => endedAt - sentAt).sort((a, b) => a - b)
}
