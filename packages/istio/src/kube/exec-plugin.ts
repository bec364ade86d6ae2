import { CanaryError, type Clock } from '@model-canary/core'
import { messageOf } from '@model-canary/foundation'
import { type ExecCredential, readExecCredential } from './exec-credential.js'
import { execInfo } from './exec-info.js'
import type { ExecSpec } from './exec-spec.js'
import { quote } from './foreign-text.js'
import type { Identity } from './identity.js'
import type { Cluster } from './kubeconfig-cluster.js'
import { runProgram } from './run-program.js'

/** The cluster that a plugin is run for, and its time limit. */
export interface ExecPluginOptions {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly timeoutMs: number
}

/**
 * Gets credentials from a program, and keeps them until they expire or are rejected.
 * Concurrent reads share one run of the program.
 *
 * `read` rejects with `KUBE_CONFIG` if the program cannot be started or its output cannot be read, and with
 * `KUBE_UNAUTHORIZED`, which quotes its stderr, if the program fails.
 */
export function execPlugin(spec: ExecSpec, options: ExecPluginOptions): Identity {
  const { clock } = options
  let kept: ExecCredential | undefined
  let running: Promise<ExecCredential> | undefined

  const run = (): Promise<ExecCredential> => {
    running ??= askPlugin(spec, options).finally(() => {
      running = undefined
    })
    return running
  }

  return {
    last: {},
    async read() {
      if (kept === undefined || clock.now() >= kept.expiresAt) kept = await run()
      return kept.credentials
    },
    refuse() {
      kept = undefined
    },
  }
}

async function askPlugin(spec: ExecSpec, { cluster, clock, timeoutMs }: ExecPluginOptions): Promise<ExecCredential> {
  const name = `the exec plugin "${quote(spec.command, 200)}"`
  const env = { ...process.env, ...Object.fromEntries(spec.env), KUBERNETES_EXEC_INFO: execInfo(spec, cluster) }
  const end = await runProgram({ command: spec.command, args: spec.args, env, timeoutMs, clock })
  if (end.type === 'not-started') {
    const hint = spec.installHint ?? 'install it, or correct its command'
    const detail = `${name} cannot be started (${messageOf(end.cause)}); ${hint}`
    throw new CanaryError('KUBE_CONFIG', detail, { cause: end.cause })
  }
  if (end.type === 'failed') {
    const complaint = quote(end.complaint.slice(-500))
    const words = complaint === '' ? 'it wrote no error message; run it by hand' : `it wrote: ${complaint}`
    throw new CanaryError('KUBE_UNAUTHORIZED', `${name} ${end.how}; ${words}`)
  }
  const credential = readExecCredential(end.output, spec.apiVersion)
  if (typeof credential !== 'string') return credential
  throw new CanaryError(
    'KUBE_CONFIG',
    `${name} returned an invalid credential: ${credential}; check its version and arguments`,
  )
}
