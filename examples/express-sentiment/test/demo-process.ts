import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { vi } from 'vitest'

const DEMO = fileURLToPath(new URL('../dist/demo.js', import.meta.url))

/** The built demo as a process, with its output going into a pipe. */
export interface DemoProcess {
  readonly child: ChildProcess
  readonly output: () => string
  readonly errors: () => string
  /** Resolves to the exit code once the process is gone and has written everything. */
  readonly ended: Promise<number | null>
}

/** Starts the demo at the fast pace, on a free port unless told otherwise. */
export function startDemo(...args: string[]): DemoProcess {
  const child = spawn(process.execPath, [DEMO, '--pace', 'fast', '--port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = collected(child.stdout!)
  const errors = collected(child.stderr!)
  return { child, output, errors, ended: once(child, 'close').then(([code]) => code) }
}

function collected(stream: NodeJS.ReadableStream): () => string {
  let text = ''
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  return () => text
}

const PATIENCE = { timeout: 120_000, interval: 20 }

/** Waits for the demo to say where its service is. */
export async function originOf({ output }: DemoProcess): Promise<string> {
  const url = await vi.waitUntil(() => /http:\/\/127\.0\.0\.1:\d+/.exec(output()), PATIENCE)
  return url[0]
}

/** Waits for the demo to write this. */
export async function said({ output }: DemoProcess, text: string): Promise<void> {
  await vi.waitUntil(() => output().includes(text), PATIENCE)
}

/** Waits until a process has ended. */
export async function gone(pid: number): Promise<void> {
  await vi.waitUntil(() => !isRunning(pid), PATIENCE)
}

/** The service's process, as it says itself. */
export async function servicePidOf(origin: string): Promise<number> {
  const { pid } = (await (await fetch(`${origin}/health`)).json()) as { pid: number }
  return pid
}

/** Returns whether a process exists. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Runs at most this many at the same time; the others wait. */
export function atMost(places: number): <Result>(run: () => Promise<Result>) => Promise<Result> {
  let free = places
  const waiting: (() => void)[] = []
  return async (run) => {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await run()
    } finally {
      const next = waiting.shift()
      if (next === undefined) free += 1
      else next()
    }
  }
}
