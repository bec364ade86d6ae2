import { systemClock } from '@model-canary/core'
import { run } from '../src/run.js'

/** How a command line is run in a test. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Whether standard output is a terminal. */
  readonly isTerminal?: boolean
  readonly interrupted?: AbortSignal
  /** Called with everything that is written. */
  readonly onOutput?: (text: string) => void
}

/** What a command line came to. */
export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command line in this process, on a terminal of 80 columns or in a pipe. */
export async function ran(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { env = {}, isTerminal = false, interrupted = new AbortController().signal, onOutput = () => {} } = options
  const written = { stdout: '', stderr: '' }
  const output = (name: 'stdout' | 'stderr') => ({
    write(text: string) {
      written[name] += text
      onOutput(text)
    },
    isTerminal,
    columns: 80,
    rows: 24,
  })
  const world = { args, env, stdout: output('stdout'), stderr: output('stderr'), clock: systemClock, interrupted }
  return { code: await run(world), ...written }
}
