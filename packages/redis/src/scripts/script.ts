import { createHash } from 'node:crypto'

/** One text of a script, and the hash by which a server knows it. */
export interface ScriptText {
  readonly text: string
  readonly sha: string
}

/** A script that runs on the server as one step. Its first argument is repeated as the first word of its answer. */
export interface Script {
  /** What is sent to Redis 7 and Valkey. */
  readonly text: ScriptText
  /** What is sent to a server that does not know the first line of `text`. */
  readonly withoutFlags: ScriptText
}

/** For how long heads, bodies, fences and decisions are kept after they were last used, in milliseconds: 30 days. */
export const RECORDS_KEPT_MS = 30 * 24 * 3_600_000

/** For how long counts and members are kept after the last report, in milliseconds: 24 hours. */
export const COUNTS_KEPT_MS = 24 * 3_600_000

/** Creates a script that only reads. */
export const reading = (body: string): Script => ({ text: textOf(body), withoutFlags: textOf(body) })

/** Creates a script that writes, also if the memory of the server is full: a rollback must be stored. */
export const writing = (body: string): Script => ({
  text: textOf(`#!lua flags=allow-oom\n${body}`),
  withoutFlags: textOf(body),
})

function textOf(text: string): ScriptText {
  return { text, sha: createHash('sha1').update(text).digest('hex') }
}
