import type { Clock } from '../clock.js'
import { CanaryError } from '../errors.js'
import { messageOf } from '../message-of.js'
import { withDeadline } from './deadline.js'
import type { Course, GateRequest } from './plan.js'

/** A gate of one life and step of a rollout. */
export type GatePlace = Pick<GateRequest, 'epoch' | 'step'>

/** What a gate said; a gate that fails stays closed. */
export interface GateAnswer extends GatePlace {
  readonly open: boolean
  readonly reason: string
}

/** Asks the gates of a plan, one at a time. */
export interface Gatekeeper {
  /** Asks, unless this very gate is being asked. Resolves to `undefined` where nobody waits for an answer. */
  ask(place: GatePlace): Promise<GateAnswer | undefined>
  /** Withdraws a question that was about another place. */
  moveTo(place: GatePlace): void
  /** Withdraws whatever is being asked. */
  withdraw(): void
}

/** What a gatekeeper needs. */
export interface GatekeeperOptions {
  readonly course: Course
  readonly clock: Clock
  readonly report: (error: CanaryError) => void
}

/** Makes a gatekeeper. Whether a gate is being asked belongs to the process; only the answer is stored. */
export function createGatekeeper({ course, clock, report }: GatekeeperOptions): Gatekeeper {
  let question: (GatePlace & { readonly abortion: AbortController }) | undefined

  const isAbout = ({ epoch, step }: GatePlace): boolean => question?.epoch === epoch && question.step === step

  const withdraw = (): void => {
    question?.abortion.abort()
    question = undefined
  }

  return {
    async ask({ epoch, step }) {
      const { gate, gateTimeoutMs = 30_000, weight } = course.steps[step - 1]!
      if (typeof gate !== 'function' || isAbout({ epoch, step })) return undefined
      withdraw()
      const mine = { epoch, step, abortion: new AbortController() }
      question = mine
      const call = (signal: AbortSignal) => gate({ epoch, step, weight, signal })
      try {
        const open = (await withDeadline(clock, gateTimeoutMs, call, mine.abortion.signal)) === true
        return { epoch, step, open, reason: `the gate of step ${step} ${open ? 'opened' : 'said no'}` }
      } catch (cause) {
        if (mine.abortion.signal.aborted) return undefined
        report(new CanaryError('GATE_FAILED', `step ${step}: ${messageOf(cause)}`, { cause }))
        return { epoch, step, open: false, reason: `the gate of step ${step} failed: ${messageOf(cause)}` }
      } finally {
        if (question === mine) question = undefined
      }
    },
    moveTo(place) {
      if (!isAbout(place)) withdraw()
    },
    withdraw,
  }
}

/** How long the slowest gate function of a plan may take, in milliseconds; 0 without one. */
export function longestGateMs({ steps }: Course): number {
  return Math.max(0, ...steps.map(({ gate, gateTimeoutMs = 0 }) => (typeof gate === 'function' ? gateTimeoutMs : 0)))
}
