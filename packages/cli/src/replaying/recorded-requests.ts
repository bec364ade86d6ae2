import type { RecordedRequest } from '@model-canary/testing'
import { isRecord } from '../connection/records.js'
import { EXIT } from '../exit-codes.js'
import { failure } from '../failure.js'

/** Requests that were read from a file. */
export interface RecordedFile {
  readonly requests: readonly RecordedRequest[]
  /** The names of members that mean nothing here, at most {@link MOST_NAMES}: one of them may be misspelt. */
  readonly ignored: readonly string[]
}

/** The most requests of a file. */
const MOST_REQUESTS = 2_000_000

/** The most names that are kept of members that mean nothing. */
const MOST_NAMES = 10

const OUTCOMES: ReadonlySet<unknown> = new Set(['success', 'error', 'timeout', 'aborted', 'rejected', 'ignored'])

const MEMBERS: ReadonlySet<string> = new Set([
  ...['variant', 'at', 'durationMs', 'key', 'outcome', 'prediction', 'score', 'metrics', 'blockedMs'],
])

/** Reads requests, one JSON object a line. Throws a failure that names the line. */
export function readRequests(path: string, text: string): RecordedFile {
  const requests: RecordedRequest[] = []
  const ignored = new Set<string>()
  let line = 0
  for (const row of text.split('\n')) {
    line += 1
    if (row.trim() === '') continue
    if (requests.length >= MOST_REQUESTS) throw wrong(path, line, `there are more than ${MOST_REQUESTS} requests`)
    const record = recordOf(row) ?? refuse(path, line, 'it is not a JSON object')
    requests.push(requestOf(record, (what) => refuse(path, line, what)))
    for (const name of Object.keys(record)) if (!MEMBERS.has(name) && ignored.size < MOST_NAMES) ignored.add(name)
  }
  return { requests, ignored: [...ignored] }
}

const wrong = (path: string, line: number, what: string) =>
  failure(EXIT.usage, 'BAD_RECORD', `${path}, line ${line}: ${what}`)

function refuse(path: string, line: number, what: string): never {
  throw wrong(path, line, what)
}

function recordOf(row: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const record: unknown = JSON.parse(row)
    return isRecord(record) ? record : undefined
  } catch {
    return undefined
  }
}

function requestOf(record: Readonly<Record<string, unknown>>, refuseIt: (what: string) => never): RecordedRequest {
  const { variant, durationMs, outcome, key, prediction, score, metrics, blockedMs } = record
  if (variant !== 'baseline' && variant !== 'canary') refuseIt('variant must be baseline or canary')
  const at = timeOf(record.at)
  if (!Number.isFinite(at))
    refuseIt('at must be when the request ended: milliseconds since 1970, or ISO 8601 with a zone')
  if (typeof durationMs !== 'number' || !(durationMs >= 0)) refuseIt('durationMs must be how long the request took')
  if (outcome !== undefined && !OUTCOMES.has(outcome)) refuseIt(`outcome must be one of ${[...OUTCOMES].join(', ')}`)
  const given = { outcome, key, prediction, score, metrics, blockedMs }
  const told = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== null))
  return { variant, at, durationMs, ...told } as RecordedRequest
}

/** A time is a number, or a text that says its zone: one without would mean another moment on each machine. */
function timeOf(at: unknown): number {
  if (typeof at === 'number') return at
  if (typeof at !== 'string' || !/^\d{4}-\d\d-\d\dT.{1,30}(?:Z|[+-]\d\d:?\d\d)$/.test(at)) return Number.NaN
  return Date.parse(at)
}
