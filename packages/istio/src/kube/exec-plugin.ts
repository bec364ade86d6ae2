import { CanaryError, type Clock } from '@model-canary/core'
import { type ExecCredential, readExecCredential } from './exec-credential.js'
import { execInfo } from './exec-info.js'
import type { ExecSpec } from './exec-spec.js'
import { quote } from './foreign-text.js'
import type { Cluster } from './kubeconfig-cluster.js'
import type { Identity } from './kubeconfig-user.js'
import { messageOf } from './message-of.js'
import { runProgram } from './run-program.js'

/** Where a plugin runs, and for how long. */
export interface ExecPluginOptions {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly timeoutMs: number
}

/**
 * Gets credentials from a program, and keeps them until they expire or are refused.
 * Who asks meanwhile waits for the same run.
 *
 * `read` rejects with `KUBE_CONFIG` where the program cannot be started or answers what nobody understands, and with
 * `KUBE_UNAUTHORIZED` where it fails, with what it complained about.
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
    const words = complaint === '' ? 'it does not say why; run it by hand' : `it says: ${complaint}`
    throw new CanaryError('KUBE_UNAUTHORIZED', `${name} ${end.how}; ${words}`)
  }
  const credential = readExecCredential(end.output, spec.apiVersion)
  if (typeof credential !== 'string') return credential
  throw new CanaryError('KUBE_CONFIG', `${name} answered wrongly: ${credential}; check its version and arguments`)
}
