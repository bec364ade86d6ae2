import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { fileURLToPath } from 'node:url'
import type { Status } from '@model-canary/core'
import type { VerbOptions } from '@model-canary/core/controller'
import { vi } from 'vitest'

const PROGRAM = fileURLToPath(new URL('../dist/main.js', import.meta.url))

/** The token with which the tests use the verbs. */
const TOKEN = 'test-token'

/** How long a fact may take to become true, and how often it is looked at. */
export const PATIENCE = { timeout: 60_000, interval: 50 }

/** An answer, and the worker that gave it. */
export interface Answered<Body> {
  readonly status: number
  readonly worker: string
  readonly body: Body
}

/** The built program, with all its processes. */
export interface Cluster {
  readonly child: ChildProcess
  readonly origin: string
  readonly output: () => string
  /** Asks until each of this many workers has answered; resolves to the latest answer of each. */
  fromEach<Body>(path: string, workers?: number): Promise<readonly Answered<Body>[]>
  /** Resolves to the statuses of all workers once they all fit. */
  statuses(fits: (status: Status) => boolean, workers?: number): Promise<readonly Status[]>
  /** Uses a verb, through any worker. */
  post(verb: string, options?: VerbOptions): Promise<Answered<Status>>
  /** Ends the program as an operator does; resolves to its exit code. */
  stop(): Promise<number | null>
}

/** Starts the program on a free port. Resolves when all workers listen. */
export async function startCluster(folder: string, ...args: string[]): Promise<Cluster> {
  const child = spawn(process.execPath, [PROGRAM, '--port', '0', '--pace', 'fast', '--folder', folder, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, CANARY_TOKEN: TOKEN },
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
  }
  const closed = once(child, 'close')
  const url = await vi.waitUntil(() => /workers listen on (http:\/\/127\.0\.0\.1:\d+)/.exec(text), PATIENCE)
  const origin = url[1]!

  const fromEach: Cluster['fromEach'] = async <Body>(path: string, workers = 4) => {
    const latest = new Map<string, Answered<Body>>()
    await vi.waitUntil(async () => {
      const answer = await call<Body>(`${origin}${path}`)
      latest.set(answer.worker, answer)
      return latest.size >= workers
    }, PATIENCE)
    return [...latest.values()]
  }

  return {
    ...{ child, origin, fromEach },
    output: () => text,
    async statuses(fits, workers) {
      let seen: readonly Status[] = []
      await vi
        .waitUntil(async () => {
          seen = (await fromEach<Status>('/canary/status', workers)).map(({ body }) => body)
          return seen.every(fits)
        }, PATIENCE)
        .catch(() => {
          const places = seen.map(({ state, step, weight, requests }) => ({ state, step, weight, ...requests }))
          throw new Error(`the workers do not fit: ${JSON.stringify(places)}\n${text}`)
        })
      return seen
    },
    post: (verb, options) => call<Status>(`${origin}/canary/${verb}`, options ?? {}),
    async stop() {
      child.kill('SIGTERM')
      const [code] = await closed
      return code
    },
  }
}

/** Sends a request on a connection of its own: the workers take turns with connections. */
function call<Body>(url: string, options?: VerbOptions): Promise<Answered<Body>> {
  return new Promise((resolve, reject) => {
    const method = options === undefined ? 'GET' : 'POST'
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
    const sent = request(url, { agent: false, method, headers }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk: string) => {
        text += chunk
      })
      answer.once('error', reject).once('end', () => {
        const { statusCode = 0, headers } = answer
        resolve({ status: statusCode, worker: String(headers['x-worker']), body: JSON.parse(text) })
      })
    })
    sent.once('error', reject).end(options && JSON.stringify(options))
  })
}
