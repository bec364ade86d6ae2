import type { Status, VersionMetrics } from '@model-canary/core'

/** What the service's canary routes answered at one time. */
export interface Report {
  readonly status: Status
  /** Over the whole rollout, by version. */
  readonly metrics: Readonly<Record<string, VersionMetrics>>
}

/** Reads the state of the rollout over HTTP. */
export async function readReport(origin: string): Promise<Report> {
  const [status, metrics] = await Promise.all([read(`${origin}/canary/status`), read(`${origin}/canary/metrics`)])
  return { status: status as Status, metrics: metrics as Report['metrics'] }
}

/** Returns whether the rollout has ended. */
export function hasEnded({ status }: Report): boolean {
  return status.state === 'promoted' || status.state === 'rolled-back'
}

async function read(url: string): Promise<unknown> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return response.json()
}
