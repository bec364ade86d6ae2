import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '@model-canary/core'
import { type ManualClock, manualClock } from '@model-canary/testing'
import { expect, onTestFinished } from 'vitest'

/** A request as it came in. */
export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Answers the request of this number, counted from 1, or leaves it without an answer. */
export type Answering = (response: ServerResponse, count: number) => void

/** A service on this machine that takes what is posted to it. */
export interface Receiver {
  readonly url: string
  readonly received: readonly Received[]
  answer: Answering
}

/** Answers with these statuses, one after another, and with the last one from then on. */
export const statuses =
  (...list: readonly number[]): Answering =>
  (response, count) => {
    response.writeHead(list[Math.min(count, list.length) - 1]!).end()
  }

/** Starts a receiver that the test stops when it is over. */
export async function receiver(answer: Answering = statuses(204)): Promise<Receiver> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      received.push({ method, path: url, headers, body: Buffer.concat(chunks).toString() })
      self.answer(response, received.length)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  const self: Receiver = { url, received, answer }
  return self
}

/** An address at which nobody listens. */
export async function nowhere(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}/hook`
}

/** A manual clock that remembers what was scheduled: the network has its own time, and has to be waited for. */
export interface WatchedClock extends Clock {
  readonly manual: ManualClock
  /** The delays asked for so far, in milliseconds. */
  readonly delays: readonly number[]
  /** Those with which the process would live on. */
  readonly keptAlive: readonly number[]
  /** Waits until a delay was asked for so often. */
  scheduled(delayMs: number, times?: number): Promise<void>
}

/** Makes a clock that stands at 2026-01-01T00:00:00Z. */
export function watchedClock(): WatchedClock {
  const manual = manualClock()
  const delays: number[] = []
  const keptAlive: number[] = []
  return {
    manual,
    delays,
    keptAlive,
    now: manual.now,
    elapsed: manual.elapsed,
    schedule(delayMs, task, options) {
      delays.push(delayMs)
      if (options?.keepAlive) keptAlive.push(delayMs)
      return manual.schedule(delayMs, task)
    },
    scheduled: (delayMs, times = 1) => until(() => delays.filter((delay) => delay === delayMs).length >= times),
  }
}

/** Waits until a fact is true; five seconds at most. */
export async function until(fact: () => boolean): Promise<void> {
  await expect.poll(fact, { interval: 2, timeout: 5_000 }).toBe(true)
}
