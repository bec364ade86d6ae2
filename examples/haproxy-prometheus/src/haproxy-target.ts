import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Target } from '@model-canary/core/controller'

/** Where HAProxy has the two versions. */
export interface HaproxyTargetOptions {
  /** The path of its runtime socket (`stats socket … level admin`). */
  readonly socket: string
  readonly backend: string
  readonly servers: { readonly baseline: string; readonly canary: string }
}

/**
 * A custom target, for a load balancer that the library does not know. It only needs `apply`.
 *
 * HAProxy has weights from 0 to 256, so whole percents are exact. The higher weight is set first: in between, both
 * servers may have too much, but never both nothing.
 */
export function haproxyTarget({ socket, backend, servers }: HaproxyTargetOptions): Target {
  const ask = async (command: string, signal: AbortSignal): Promise<string> => {
    const connection = connect({ path: socket, signal })
    connection.end(`${command}\n`)
    return (await text(connection)).trim()
  }

  const weightOf = async (server: string, signal: AbortSignal): Promise<number> =>
    Number.parseInt(await ask(`get weight ${backend}/${server}`, signal), 10) // such as "90 (initial 100)"

  const weigh = async (server: string, weight: number, signal: AbortSignal): Promise<void> => {
    const refusal = await ask(`set weight ${backend}/${server} ${weight}`, signal)
    if (refusal !== '') throw new Error(`HAProxy refused a weight of ${weight} for ${backend}/${server}: ${refusal}`)
    const told = await weightOf(server, signal)
    if (told !== weight) throw new Error(`HAProxy says ${told} for ${backend}/${server}, not ${weight}`)
  }

  return {
    precision: 1,
    splitsTraffic: true,
    async apply({ weight }, signal) {
      const canary = () => weigh(servers.canary, weight, signal)
      const baseline = () => weigh(servers.baseline, 100 - weight, signal)
      const isCanaryRising = (await weightOf(servers.canary, signal)) < weight
      for (const change of isCanaryRising ? [canary, baseline] : [baseline, canary]) await change()
    },
  }
}
