import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import type { LeaseAnswer } from '../../src/rollout/fleet.js'

/** What a process is asked to do. */
export interface Wish {
  readonly do: 'increment' | 'lease'
  readonly times?: number
  readonly id?: string
  readonly ttlMs?: number
}

/** What a process tells. */
export interface Told {
  readonly isReady?: true
  readonly isDone?: true
  readonly rev?: number
  readonly lease?: LeaseAnswer
}

/** A process that shares the folder. */
export interface Sharing {
  readonly child: ChildProcess
  ask(wish: Wish): void
  /** Resolves to the next message that fits; rejects if the process ends before. */
  told<Key extends keyof Told>(key: Key): Promise<NonNullable<Told[Key]>>
  /** Sends a signal; with SIGKILL it resolves once the process has ended. */
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void>
}

/** A folder, and the processes that share it. */
export interface SharedFolder {
  readonly path: string
  /** The revisions that all processes told that they had written. */
  readonly written: readonly number[]
  start(): Promise<Sharing>
  /** Ends all processes and removes the folder. */
  remove(): Promise<void>
}

/** Bundles the program of the processes; resolves to its path and to what removes it. */
export async function bundleProgram(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'folder-process-'))
  await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      ssr: fileURLToPath(new URL('./process.fixture.ts', import.meta.url)),
      outDir: folder,
      rollupOptions: { output: { entryFileNames: 'process.mjs' } },
    },
  })
  return { path: join(folder, 'process.mjs'), remove: () => rm(folder, { recursive: true }) }
}

/** Creates a folder to share. */
export async function shareFolder(program: string): Promise<SharedFolder> {
  const path = await mkdtemp(join(tmpdir(), 'folder-shared-'))
  const running = new Set<Sharing>()
  const written: number[] = []
  return {
    path,
    written,
    async start() {
      const sharing = startProcess(program, path)
      running.add(sharing)
      sharing.child.on('message', ({ rev }: Told) => rev !== undefined && written.push(rev))
      sharing.child.once('exit', () => running.delete(sharing))
      await sharing.told('isReady')
      return sharing
    },
    async remove() {
      await Promise.all([...running].map((sharing) => sharing.signal('SIGKILL')))
      await rm(path, { recursive: true })
    },
  }
}

function startProcess(program: string, path: string): Sharing {
  const child = fork(program, [path], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  return {
    child,
    ask: (wish) => void child.send(wish),
    told: (key) =>
      new Promise((resolve, reject) => {
        const end = () => {
          child.off('message', listen)
          child.off('exit', fail)
        }
        const listen = (told: Told) => {
          const value = told[key]
          if (value === undefined) return
          end()
          resolve(value as NonNullable<Told[typeof key]>)
        }
        const fail = () => {
          end()
          reject(new Error(`the process ended before it told ${key}`))
        }
        child.on('message', listen).on('exit', fail)
      }),
    async signal(name) {
      const ended = once(child, 'exit')
      child.kill(name)
      if (name === 'SIGKILL') await ended
    },
  }
}
