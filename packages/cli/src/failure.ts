import type { ExitCode } from './exit-codes.js'

/** An end that is not success: what the program ends with, a code for programs and a sentence for people. */
export interface Failure extends Error {
  /** What the program ends with. */
  readonly exit: ExitCode
  /** Names the reason, for programs. */
  readonly code: string
  /** What `--json` shows besides: the answer of the service, if there is one. */
  readonly body?: unknown
}

/** Creates a failure, to be thrown. */
export function failure(exit: ExitCode, code: string, message: string, body?: unknown): Failure {
  return Object.assign(new Error(message), { exit, code, ...(body !== undefined && { body }) })
}

/** Returns whether a thrown value was made by {@link failure}. */
export const isFailure = (error: unknown): error is Failure =>
  error instanceof Error && 'exit' in error && typeof error.exit === 'number'
