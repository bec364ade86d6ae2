import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Decision } from '@model-canary/core'
import { vi } from 'vitest'
import type { Asked, Told, WorkerSettings, WorkerState } from './messages.fixture.js'

/** How long a fact may take to become true, and how often it is looked at. */
export const PATIENCE = { timeout: 60_000, interval: 20 }

/** A weight that came into force in a worker. */
export interface Stepped {
  readonly weight: number
  readonly step: number
  readonly epoch: number
  /** In milliseconds since 1970, by the worker's clock. */
  readonly at: number
}

/** A running process of the service. */
export interface Worker {
  readonly child: ChildProcess
  /** The port on which it serves. */
  readonly port: number
  /** All weights that came into force in it, oldest first. */
  readonly steps: readonly Stepped[]
  /** False as soon as the load balancer sends it nothing. */
  isServing: boolean
  ask<Result = WorkerState>(does: Asked['does']): Promise<Result>
  /** Ends it with a signal, and resolves to its exit code; `null` if it was killed. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null>
}

/** The processes of one service. */
export interface Service {
  /** The living processes, oldest first. */
  readonly workers: readonly Worker[]
  /** Starts a process, and resolves when it serves. */
  add(settings: WorkerSettings): Promise<Worker>
  /** Resolves to the states of the workers once they all fit. */
  states(fits: (state: WorkerState) => boolean, of?: readonly Worker[]): Promise<readonly WorkerState[]>
  /** Resolves to the one that leads, once exactly one of the living says so. */
  leader(): Promise<Worker>
  close(): Promise<void>
}

/** Creates a service without processes. */
export function createService(program: string): Service {
  const workers: Worker[] = []

  const states: Service['states'] = async (fits, of = workers) => {
    let seen: readonly WorkerState[] = []
    await vi
      .waitUntil(async () => {
        seen = await Promise.all(of.map((worker) => worker.ask('state')))
        return seen.every(fits)
      }, PATIENCE)
      .catch((cause: unknown) => {
        throw new Error(`the workers do not fit: ${seen.map((state) => `\n${JSON.stringify(state)}`)}`, { cause })
      })
    return seen
  }

  return {
    ...{ workers, states },
    async add(settings) {
      const worker = await startWorker(program, settings)
      workers.push(worker)
      worker.child.once('exit', () => workers.splice(workers.indexOf(worker), 1))
      return worker
    },
    async leader() {
      const leading = async (): Promise<Worker | false> => {
        const asked = await Promise.all(workers.map(async (worker) => ({ worker, ...(await worker.ask('state')) })))
        const leaders = asked.filter(({ leads }) => leads)
        return leaders.length === 1 && leaders[0]!.worker
      }
      return (await vi.waitUntil(leading, PATIENCE)) as Worker
    },
    async close() {
      await Promise.all([...workers].map((worker) => worker.end('SIGKILL')))
    },
  }
}

async function startWorker(program: string, settings: WorkerSettings): Promise<Worker> {
  const child = fork(program, [JSON.stringify(settings)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ...settings.env },
  })
  const exited = once(child, 'exit') as Promise<[number | null]>
  const steps: Stepped[] = []
  const pending = new Map<number, (told: Told) => void>()
  let asked = 0
  child.on('message', (told: Told) => {
    if (told.id !== undefined) pending.get(told.id)?.(told)
    if (told.weight !== undefined) steps.push(told as Stepped)
  })
  const serves = new Promise<number>((resolve) => {
    child.on('message', ({ serves: port }: Told) => port !== undefined && resolve(port))
  })
  const died = exited.then(([code]) => Promise.reject<never>(new Error(`a worker ended with ${code}`)))
  died.catch(() => {})

  return {
    ...{ child, steps, isServing: true },
    port: await Promise.race([serves, died]),
    ask: <Result>(does: Asked['does']) => {
      const id = ++asked
      const answered = new Promise<Result>((resolve, reject) => {
        pending.set(id, ({ result, error }) => {
          pending.delete(id)
          if (error === undefined) resolve(result as Result)
          else reject(new Error(error))
        })
      })
      child.send({ id, does } satisfies Asked)
      return Promise.race([answered, died])
    },
    async end(signal) {
      child.kill(signal)
      if (signal === 'SIGKILL') child.kill('SIGCONT')
      const [code] = await exited
      return code
    },
  }
}

/** Resolves to all decisions, oldest first. */
export async function historyOf(worker: Worker): Promise<readonly Decision[]> {
  return [...(await worker.ask<readonly Decision[]>('history'))].reverse()
}
