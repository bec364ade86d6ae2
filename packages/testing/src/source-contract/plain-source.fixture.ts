import type { ByVariant, MetricsSource, SourceNote, SourceWindow } from '@model-canary/core/controller'
import { type Calibration, type Counts, emptySummary, type Summary } from '@model-canary/core/judge'
import type { ServedCalls, SourcePlace } from './place.js'

/** Calls as they are kept, each with the window in which they were served. */
export interface CallLog {
  readonly entries: { readonly window: SourceWindow; readonly calls: ByVariant<ServedCalls> }[]
  window: SourceWindow
  state: 'up' | 'down' | 'hanging'
  reads: number
}

/** The parts of the source that a test can replace by wrong ones. */
export interface SourceParts {
  /** The calls that count in a window. */
  readonly select: (log: CallLog, window: SourceWindow) => readonly ByVariant<ServedCalls>[]
  readonly summaryOf: (calls: readonly ServedCalls[], log: CallLog) => Summary
  readonly onDown: () => Promise<Counts | 'no-data'>
  readonly untilAborted: (signal: AbortSignal) => Promise<void>
  readonly peek: (counts: Counts | 'no-data') => Counts | 'no-data'
  readonly supports: MetricsSource['supports']
  readonly survivesRestart: boolean
  readonly notes: () => readonly SourceNote[]
  readonly calibrate: () => Calibration
}

/** Adds calls up to a summary that holds no more than outcomes. */
export function summaryOfCalls(calls: readonly ServedCalls[]): Summary {
  const sum = (kind: keyof ServedCalls) => calls.reduce((total, one) => total + one[kind], 0)
  const [success, error] = [sum('success'), sum('error')]
  const empty = emptySummary()
  return { ...empty, begun: success + error, outcomes: { ...empty.outcomes, success, error } }
}

const isSame = (a: SourceWindow, b: SourceWindow): boolean => a.epoch === b.epoch && a.step === b.step

const RIGHT: SourceParts = {
  select: ({ entries }, window) => entries.filter((one) => isSame(one.window, window)).map(({ calls }) => calls),
  summaryOf: summaryOfCalls,
  onDown: () => Promise.reject(new Error('the log cannot be read')),
  untilAborted: (signal) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true })),
  peek: (counts) => counts,
  supports: ['errorRate'],
  survivesRestart: true,
  notes: () => [{ id: 'age', message: 'counts are as new as can be', isTrouble: false }],
  calibrate: () => ({ baselineHistory: null }),
}

/** A source over calls that a test makes up: the least that the contract asks for, and every optional member. */
export function plainSource(log: CallLog, broken: Partial<SourceParts> = {}): MetricsSource {
  const parts = { ...RIGHT, ...broken }
  const countsIn = (window: SourceWindow): Counts | 'no-data' => {
    const calls = parts.select(log, window)
    if (calls.length === 0) return 'no-data'
    const summaryOf = (variant: 'baseline' | 'canary') =>
      parts.summaryOf(
        calls.map((one) => one[variant]),
        log,
      )
    return { baseline: summaryOf('baseline'), canary: summaryOf('canary') }
  }
  return {
    ...(parts.supports && { supports: parts.supports }),
    survivesRestart: parts.survivesRestart,
    notes: parts.notes,
    calibrate: parts.calibrate,
    peek: (window) => parts.peek(countsIn(window)),
    async read(window, signal) {
      if (log.state === 'hanging') await parts.untilAborted(signal)
      if (log.state === 'down') return parts.onDown()
      log.reads += 1
      return countsIn(window)
    },
  }
}

/** A place with such a source. */
export function plainPlace(broken: Partial<SourceParts> = {}): SourcePlace {
  const log: CallLog = { entries: [], window: { epoch: 0, step: 1, visit: 1, openedAt: 0 }, state: 'up', reads: 0 }
  return {
    open: () => plainSource(log, broken),
    nextWindow() {
      log.window = { ...log.window, epoch: log.window.epoch + 1 }
      return log.window
    },
    serve: (calls) => void log.entries.push({ window: log.window, calls }),
    breakDown() {
      log.state = 'down'
    },
    hang() {
      log.state = 'hanging'
    },
  }
}
