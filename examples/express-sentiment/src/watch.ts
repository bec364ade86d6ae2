import type { Status, VersionMetrics } from '@model-canary/core'

/** What the service's canary routes say, at one moment. */
export interface Report {
  readonly status: Status
  /** Over the whole rollout, by version. */
  readonly metrics: Readonly<Record<string, VersionMetrics>>
}

/** Reads where the rollout stands, over HTTP as anybody could. */
export async function readReport(origin: string): Promise<Report> {
  const [status, metrics] = await Promise.all([read(`${origin}/canary/status`), read(`${origin}/canary/metrics`)])
  return { status: status as Status, metrics: metrics as Report['metrics'] }
}

/** Whether the rollout has come to its end. */
export function hasEnded({ status }: Report): boolean {
  return status.state === 'promoted' || status.state === 'rolled-back'
}

async function read(url: string): Promise<unknown> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return response.json()
}
