import { type Aggregate, answersIn, clearAggregate } from './aggregate.js'
import { createAnswerTimes } from './answer-times.js'
import { aggregatesOf, closeStep, createArms } from './arm.js'
import { createReadArms } from './arm-summaries.js'
import { createBaselineWindows } from './baseline-windows.js'
import { createCallCounter } from './call-counter.js'
import { createClusterCounts } from './cluster-counts.js'
import { createFlightFollower } from './flight-follower.js'
import { createHeavyUsers } from './heavy-users.js'
import { foldLabels } from './label-folding.js'
import { createOpenWindow } from './open-window.js'
import type { FlightEntry, Recorder } from './recorder-contract.js'
import { type RecorderOptions, resolveRecorderOptions } from './recorder-options.js'
import { createReport, reportThrown } from './report.js'
import { createSlots } from './slots.js'
import { createStalls } from './stalls.js'
import { createStratumCounts } from './stratum-counts.js'

/** Time between two sweeps of a recorder, in milliseconds. */
export const PULSE_MS = 250

/**
 * Creates a recorder for one rollout.
 * Throws `INVALID_OPTION`, `UNKNOWN_OPTION` or `INVALID_NAME` for options that cannot be used.
 */
export function createRecorder(options?: RecorderOptions): Recorder {
  const { windowMs, onWindow, onInternalError, ...resolved } = resolveRecorderOptions(options)
  const report = createReport(onInternalError)
  const slots = createSlots(resolved)
  const { labels, metrics } = slots
  const stalls = createStalls(PULSE_MS)
  const arms = createArms<FlightEntry>({ ...resolved, ...slots, stalls, onFailure: reportThrown(report, 'isAnswered') })
  const { baseline, canary, both } = arms
  const clusters = createClusterCounts(labels)
  const strata = { baseline: createStratumCounts(slots, 'baseline'), canary: createStratumCounts(slots, 'canary') }
  const answerTimes = createAnswerTimes()
  const heavyUsers = createHeavyUsers()
  const windows = windowMs === undefined ? undefined : createBaselineWindows({ ...slots, windowMs, arm: baseline })
  const opened = createOpenWindow()
  const counter = createCallCounter({ arms, opened, slots, clusters, strata, answerTimes, windows, onWindow, report })
  const flights = createFlightFollower({ arms, opened, counter, heavyUsers, stalls, report })
  const live = (): readonly Aggregate[] => both.flatMap(aggregatesOf).concat(windows?.held ?? [])

  return {
    get window() {
      return opened.current
    },
    get byteLength() {
      const callers = both.map((arm) => arm.callers)
      const rest = [labels, metrics, clusters, ...Object.values(strata), answerTimes, heavyUsers, ...callers]
      return bytesOf([...live().flatMap(arraysOf), ...rest])
    },
    get underWay() {
      return flights.underWay
    },
    open(window, at) {
      if (opened.is(window)) return
      both.forEach(closeStep)
      if (labels.overflowed) {
        foldLabels(labels, [baseline.rest.labels, canary.rest.labels], live())
        clusters.forgetSlots()
        for (const each of Object.values(strata)) each.forgetSlots()
      }
      if (window.epoch !== opened.current.epoch) {
        windows?.carry()
        for (const { rest } of both) clearAggregate(rest)
      }
      opened.open(window, at)
    },
    begin: flights.begin,
    answered: flights.answered,
    end: flights.end,
    visit: flights.visit,
    sweep: flights.sweep,
    record: (observation, origin) => counter.count(observation, origin && opened.isOrigin(origin), origin),
    track: counter.track,
    awaitAnswers: (lines) => both.forEach(({ answers }) => void (answers.lines = lines)),
    answers: (variant) => answersIn((variant === 'canary' ? canary : baseline).step),
    answerTimes: answerTimes.read,
    ...createReadArms(arms, opened, slots.names),
    clusters: clusters.read,
    strata: (variant = 'baseline') => strata[variant].read(),
    cutStrata: (form, variant = 'baseline') => strata[variant].cut(form),
  }
}

interface Sized {
  readonly byteLength: number
}

const arraysOf = (aggregate: Aggregate): readonly Sized[] => Object.values(aggregate).filter((part) => part !== null)

const bytesOf = (parts: readonly Sized[]): number => parts.reduce((total, { byteLength }) => total + byteLength, 0)
