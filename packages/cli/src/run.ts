import { isCanaryError } from '@model-canary/core'
import { visible } from '@model-canary/foundation'
import { MANIFESTS_USAGE, manifests } from './manifests.js'

/** The result of a command, which itself neither writes nor exits. */
export interface Outcome {
  readonly stdout: string
  readonly stderr: string
  /** 0 for success, 2 for a wrong command line. */
  readonly code: 0 | 2
}

const USAGE = `usage: model-canary <command> [options]

commands:
  manifests    writes the Kubernetes manifests of a rollout as YAML

Run model-canary <command> --help for the options of a command.
`

/** Runs one command line. */
export function run([command, ...rest]: readonly string[]): Outcome {
  if (command === undefined) return misunderstood(USAGE)
  if (command === '--help' || command === 'help') return done(USAGE)
  if (command !== 'manifests') return misunderstood(`there is no command "${visible(command)}"\n\n${USAGE}`)
  if (rest.includes('--help')) return done(MANIFESTS_USAGE)
  try {
    return done(manifests(rest))
  } catch (error) {
    if (isCanaryError(error)) return misunderstood(`${lines(error.message)}\n`)
    if (isParseError(error)) return misunderstood(`${lines(error.message)}\n\n${MANIFESTS_USAGE}`)
    throw error
  }
}

/** Escapes control characters except line breaks, because messages quote what was typed. */
const lines = (text: string): string => text.split('\n').map(visible).join('\n')

const done = (stdout: string): Outcome => ({ stdout, stderr: '', code: 0 })
const misunderstood = (stderr: string): Outcome => ({ stdout: '', stderr, code: 2 })

/** Whether an error is one that `parseArgs` throws for a wrong option. */
const isParseError = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
