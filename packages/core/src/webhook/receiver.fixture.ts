import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '@model-canary/core'
import { type ManualClock, manualClock } from '@model-canary/testing'
import { expect, onTestFinished } from 'vitest'

/** A request that was received. */
export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Answers a request, or not. `count` is the number of the request, from 1. */
export type Answering = (response: ServerResponse, count: number) => void

/** A service on loopback that records requests. */
export interface Receiver {
  readonly url: string
  readonly received: readonly Received[]
  answer: Answering
}

/** Answers with these statuses, one after another, and then with the last one. */
export const statuses =
  (...list: readonly number[]): Answering =>
  (response, count) => {
    response.writeHead(list[Math.min(count, list.length) - 1]!).end()
  }

/** Starts a receiver that is stopped when the test ends. */
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

/** Returns an address without a server. */
export async function nowhere(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}/hook`
}

/** A manual clock that records what was scheduled, so that a test can wait for real requests. */
export interface WatchedClock extends Clock {
  readonly manual: ManualClock
  /** The delays of all scheduled tasks, in milliseconds. */
  readonly delays: readonly number[]
  /** The delays of the tasks that keep the process alive. */
  readonly keptAlive: readonly number[]
  /** Waits until a delay was scheduled this many times. */
  scheduled(delayMs: number, times?: number): Promise<void>
}

/** Creates a clock that stands at 2026-01-01T00:00:00Z. */
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

/** Waits until a condition is true, for at most five seconds. */
export async function until(fact: () => boolean): Promise<void> {
  await expect.poll(fact, { interval: 2, timeout: 5_000 }).toBe(true)
}
