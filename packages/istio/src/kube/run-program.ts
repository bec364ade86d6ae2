import { type ChildProcess, spawn } from 'node:child_process'
import type { Clock } from '@model-canary/core'

/** A program to run, without a shell and without a terminal. */
export interface Program {
  readonly command: string
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly timeoutMs: number
  readonly clock: Clock
}

/** How a program ended. */
export type ProgramEnd =
  | { readonly type: 'done'; readonly output: string }
  /** The system could not start it. */
  | { readonly type: 'not-started'; readonly cause: unknown }
  | { readonly type: 'failed'; readonly how: string; readonly complaint: string }

/** The most output that is read, in bytes; a credential is shorter. */
const LARGEST_OUTPUT = 1_024 * 1_024

/** How much of stderr is kept, in characters: its end, which usually contains the reason. */
const LONGEST_COMPLAINT = 2_000

/** Runs a program until it exits or its time limit passes. Never rejects. */
export function runProgram({ command, args, env, timeoutMs, clock }: Program): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    const child = start(command, args, env)
    if ('type' in child) return resolve(child)
    let output = Buffer.alloc(0)
    let complaint = ''

    const end = (result: ProgramEnd) => {
      cancel()
      child.kill('SIGKILL')
      child.stdout?.destroy() // a grandchild may hold the pipes open
      child.stderr?.destroy()
      resolve(result)
    }
    const fail = (how: string) => end({ type: 'failed', how, complaint })
    const cancel = clock.schedule(timeoutMs, () => fail(`took longer than ${timeoutMs} ms`))

    child.stdout?.on('data', (chunk: Buffer) => {
      output = Buffer.concat([output, chunk])
      if (output.length > LARGEST_OUTPUT) fail(`wrote more than ${LARGEST_OUTPUT} bytes`)
    })
    child.stderr?.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString('utf8')).slice(-LONGEST_COMPLAINT)
    })
    child.once('error', (cause) => end({ type: 'not-started', cause }))
    child.once('close', (code, signal) => {
      if (code === 0) return end({ type: 'done', output: output.toString('utf8') })
      fail(code === null ? `was ended by ${signal}` : `ended with ${code}`)
    })
  })
}

function start(command: string, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess | ProgramEnd {
  try {
    return spawn(command, [...args], { env, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true })
  } catch (cause) {
    return { type: 'not-started', cause } // such as an argument with a NUL character
  }
}
