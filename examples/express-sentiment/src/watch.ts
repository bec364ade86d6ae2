import type { Decision, Status, VersionMetrics } from '@model-canary/core'

/** What the service's canary routes answered at one time. */
export interface Report {
  readonly status: Status
  /** The latest decisions, oldest first. */
  readonly history: readonly Decision[]
  /** Over the whole rollout, by version. */
  readonly metrics: Readonly<Record<string, VersionMetrics>>
}

/** Reads the state of the rollout over HTTP. */
export async function readReport(origin: string): Promise<Report> {
  const routes = ['status', 'history', 'metrics'].map((route) => read(`${origin}/canary/${route}`))
  const [status, history, metrics] = await Promise.all(routes)
  return {
    status: status as Status,
    history: (history as Decision[]).reverse(),
    metrics: metrics as Report['metrics'],
  }
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
