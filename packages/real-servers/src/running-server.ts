import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A running server. */
export interface RunningServer {
  readonly pid: number
  /** The folder of its data and configuration, which `close` removes. */
  readonly folder: string
  /** Returns the end of its output. */
  log(): string
  /** Kills it, as in a crash. Its folder stays until `close`. */
  kill(): Promise<void>
  /** Ends it with SIGTERM, and removes its folder. */
  close(): Promise<void>
}

/** What to run, and how to know that it answers. */
export interface StartServerOptions {
  readonly command: string
  /** Returns the arguments, given the server's folder. */
  readonly args: (folder: string) => readonly string[]
  /** Resolves to true once the server answers. Called repeatedly; an error counts as false. */
  readonly isReady: (folder: string) => Promise<boolean>
  /** @default 20_000 */
  readonly timeoutMs?: number
}

/** How much of a server's output is kept, in UTF-16 units. */
const LONGEST_LOG = 20_000

/** The pause between two calls of `isReady`, in milliseconds. */
const ASK_AGAIN_MS = 25

/** How long a server may take to end after SIGTERM, in milliseconds. */
const LONGEST_END_MS = 5_000

/**
 * Starts a program and waits until it answers. It ends with this process, however this process ends.
 * Rejects with the end of its output if it stops before that, or does not answer in time.
 */
export async function startServer({
  command,
  args,
  isReady,
  timeoutMs = 20_000,
}: StartServerOptions): Promise<RunningServer> {
  const folder = mkdtempSync(join(tmpdir(), 'model-canary-server-'))
  const child = spawn(command, args(folder), { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed = (printed + text).slice(-LONGEST_LOG)
    })
  }
  const ended = new Promise((resolve) => child.once('close', resolve))
  await once(child, 'spawn').catch((error: unknown) => {
    rmSync(folder, { recursive: true, force: true })
    throw new Error(`${command} cannot be run`, { cause: error })
  })
  const guard = guardOf(child.pid!, folder)

  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    const force = setTimeout(() => child.kill('SIGKILL'), LONGEST_END_MS)
    await ended
    clearTimeout(force)
    guard.kill('SIGKILL')
  }
  const server: RunningServer = {
    pid: child.pid!,
    folder,
    log: () => printed,
    kill: () => end('SIGKILL'),
    async close() {
      await end('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
  try {
    await untilReady()
    return server
  } catch (error) {
    await server.close()
    throw new Error(`${command} did not start: ${printed.slice(-2_000)}`, { cause: error })
  }

  async function untilReady(): Promise<void> {
    const deadline = performance.now() + timeoutMs
    while (performance.now() < deadline) {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error('it stopped')
      if (await isReady(folder).catch(() => false)) return
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS))
    }
    throw new Error(`no answer within ${timeoutMs} ms`)
  }
}

/** Starts a process that ends the server when this process ends, because its input then ends. */
function guardOf(pid: number, folder: string): ChildProcess {
  const script = 'read -r _; kill -9 "$1"; rm -rf -- "$2"'
  const guard = spawn('/bin/sh', ['-c', script, 'guard', String(pid), folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  guard.on('error', () => {})
  guard.unref()
  return guard
}
