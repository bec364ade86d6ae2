import type { Clock } from '@model-canary/core'

/** A stream that the program writes to. */
export interface Output {
  /** Writes a text. */
  write(text: string): void
  /** Whether a person reads it on a terminal. */
  readonly isTerminal: boolean
  /** How many columns the terminal has; 80 if there is none. */
  readonly columns: number
  /** How many rows the terminal has; 24 if there is none. */
  readonly rows: number
}

/** Everything that the program touches besides the network and the files. */
export interface World {
  /** The command line, without the program. */
  readonly args: readonly string[]
  /** The environment. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where results go. */
  readonly stdout: Output
  /** Where everything else goes. */
  readonly stderr: Output
  /** The time. */
  readonly clock: Clock
  /** Aborted when the program is asked to end. */
  readonly interrupted: AbortSignal
  /** The program of the threads; without it, everything runs in this one. */
  readonly workerUrl?: URL
}
