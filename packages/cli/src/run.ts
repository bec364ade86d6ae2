import { isCanaryError } from '@model-canary/core'
import { visible } from '@model-canary/foundation'
import { MANIFESTS_USAGE, manifests } from './manifests.js'

/** What a command leaves behind: nothing here writes or exits by itself. */
export interface Outcome {
  readonly stdout: string
  readonly stderr: string
  /** 0: done; 2: asked in a way that is not understood. */
  readonly code: 0 | 2
}

const USAGE = `usage: model-canary <command> [options]

commands:
  manifests    writes the manifests of a rollout in a cluster, as YAML

model-canary <command> --help tells more.
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

/** What was typed comes back in messages: only their line breaks are taken as such. */
const lines = (text: string): string => text.split('\n').map(visible).join('\n')

const done = (stdout: string): Outcome => ({ stdout, stderr: '', code: 0 })
const misunderstood = (stderr: string): Outcome => ({ stdout: '', stderr, code: 2 })

/** What `parseArgs` throws for options that it does not know. */
const isParseError = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
