import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const CRON = fileURLToPath(new URL('../dist/cron.js', import.meta.url))

/** What one run of the program wrote. */
export interface CronRun {
  readonly stdout: string
  readonly stderr: string
}

/** Runs the built program once, in a process of its own, at a wall time in milliseconds since 1970. */
export function runCron(folder: string, nowMs: number): Promise<CronRun> {
  return promisify(execFile)(process.execPath, [CRON, folder], {
    env: { ...process.env, CRON_NOW_MS: String(nowMs) },
  })
}
