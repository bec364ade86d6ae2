import type { Guardrail } from '@model-canary/core'
import type { SourceRule } from '../source-contract.js'
import { type SourceParts, summaryOfCalls } from './plain-source.fixture.js'

const ONE_CALL = { baseline: { success: 1, error: 0 }, canary: { success: 1, error: 0 } }

/** What each rule finds: a mistake in words, and the part of a source that makes it. */
export const BROKEN_SOURCES: Readonly<Record<SourceRule, readonly [fault: string, parts: Partial<SourceParts>]>> = {
  'has counted nothing before the first call of a window': [
    'counts a call that nobody made',
    { select: ({ entries }) => [ONE_CALL, ...entries.map(({ calls }) => calls)] },
  ],
  'counts every call of both versions, and which of them failed': [
    'takes errors for successes',
    {
      summaryOf: (calls) => summaryOfCalls(calls.map(({ success, error }) => ({ success: success + error, error: 0 }))),
    },
  ],
  'counts cumulatively: no count ever falls within a window': [
    'counts since the last read',
    { select: ({ entries }) => entries.slice(-1).map(({ calls }) => calls) },
  ],
  'answers the same when nothing has happened since': [
    'counts its own reads',
    { summaryOf: (calls, { reads }) => summaryOfCalls([...calls, { success: reads, error: 0 }]) },
  ],
  'begins at zero with every window': [
    'counts from the beginning of the rollout',
    { select: ({ entries }) => entries.map(({ calls }) => calls) },
  ],
  'has counted nothing in a window that has not opened yet': [
    'counts in whatever window is asked for',
    { select: ({ entries, window }) => entries.filter((one) => one.window === window).map(({ calls }) => calls) },
  ],
  'counts in summaries that survive JSON': [
    'counts in summaries with members that JSON leaves out',
    { summaryOf: (calls) => ({ ...summaryOfCalls(calls), score: undefined as never }) },
  ],
  'counts from the beginning of the window in a process that begins later': [
    'says that its counts begin at zero in every process, and does not begin so',
    { survivesRestart: false },
  ],
  'rejects where the counts cannot be read': ['has no data where it cannot read', { onDown: async () => 'no-data' }],
  'ends a read whose signal is aborted': [
    'waits whatever its signal says',
    { untilAborted: () => new Promise(() => {}) },
  ],
  'has the same counts in peek(), at once': ['peeks at nothing', { peek: () => 'no-data' }],
  'names only kinds of guardrail that there are': [
    'names a kind that there is not',
    { supports: ['errorRates' as Guardrail['kind']] },
  ],
  'has notes that a person can read, at any time': [
    'ends its notes with a full stop',
    { notes: () => [{ id: 'age', message: 'Counts are late.', isTrouble: true }] },
  ],
  'knows what it knows at the beginning in plain JSON': [
    'knows a Map',
    { calibrate: () => ({ baselineHistory: new Map([['a', 1]]) }) },
  ],
}
