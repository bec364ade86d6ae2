import { show } from '../foundation/options.js'
import { addBegun, addLeftOut } from './aggregate.js'
import type { Arms } from './arm.js'
import type { CallCounter } from './call-counter.js'
import type { HeavyUsers } from './heavy-users.js'
import type { OpenWindow } from './open-window.js'
import type { FlightEntry, Recorder } from './recorder-contract.js'
import type { Report } from './report.js'
import type { Stalls } from './stalls.js'

/** Follows flights from `begin` to `end`: the part of a recorder that knows which calls are pending. */
export type FlightFollower = Pick<Recorder, 'begin' | 'answered' | 'end' | 'visit' | 'underWay' | 'sweep'>

/** The parts that following flights needs. */
export interface FlightFollowerParts {
  readonly arms: Arms<FlightEntry>
  readonly opened: OpenWindow
  readonly counter: CallCounter
  readonly heavyUsers: HeavyUsers
  readonly stalls: Stalls
  readonly report: Report
}

/** Creates a follower without pending flights. */
export function createFlightFollower(parts: FlightFollowerParts): FlightFollower {
  const { arms, opened, counter, heavyUsers, stalls, report } = parts
  const { baseline, canary } = arms
  const underWay = (): number => baseline.pending.size + canary.pending.size

  /** Separate from `begin`, which would otherwise allocate a scope for the message. */
  const refuse = (variant: unknown): void => report('INVALID_VARIANT', () => `variant is ${show(variant)}`)

  return {
    begin(entry) {
      const arm = arms.of(entry.variant)
      if (!arm) return refuse(entry.variant)
      if (!arm.pending.add(entry)) return
      if (underWay() === 1) stalls.resume(entry)
      entry.stalledBefore = stalls.totalMs
      const isEvidence = opened.isEvidence(entry)
      if (heavyUsers.begin(entry.origin) && isEvidence) {
        entry.isLeftOut = true
        addLeftOut(arm.step)
        addBegun(arm.rest)
      } else addBegun(isEvidence ? arm.step : arm.rest)
      const slice = arm.sliding.sliceOfStart(entry)
      if (slice) addBegun(slice)
    },
    answered(entry, at) {
      const arm = arms.of(entry.variant)
      if (arm?.pending.holds(entry)) counter.decide(arm, entry, arm.answers.answered(entry), at)
    },
    end(entry, observation) {
      if (!arms.of(entry.variant)?.pending.remove(entry)) return
      counter.count(observation, opened.isEvidence(entry), entry.origin, entry)
      heavyUsers.end(entry.origin, observation.outcome)
    },
    visit: (startedBefore, each) => arms.both.forEach(({ pending }) => void pending.visit(startedBefore, each)),
    get underWay() {
      return underWay()
    },
    sweep(at) {
      stalls.pulse(at)
      for (const arm of arms.both) {
        const { answers, pending } = arm
        pending.visit(at - answers.lines.overdueMs, (entry) => {
          if (answers.isOverdue(entry)) counter.decide(arm, entry, 'overdue', at)
        })
        answers.sweep(at)
      }
    },
  }
}
