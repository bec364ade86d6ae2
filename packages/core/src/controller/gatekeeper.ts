import { CanaryError } from '../foundation/errors.js'
import { messageOf } from '../foundation/message-of.js'
import type { Course } from '../rollout/course.js'
import type { GateRequest } from '../rollout/plan.js'
import type { RolloutState } from '../rollout/state.js'
import type { Clock } from '../runtime/clock.js'
import { withDeadline } from '../runtime/deadline.js'

/** The gate of a step in an epoch. */
export type GatePlace = Pick<GateRequest, 'epoch' | 'step'>

/** The answer of a gate; a gate that fails stays closed. */
export interface GateAnswer extends GatePlace {
  readonly open: boolean
  readonly reason: string
}

/** Asks the gates of a plan, one at a time, and keeps a yes while it is valid. */
export interface Gatekeeper {
  /** Asks this gate, unless it is already being asked. Resolves to `undefined` if the answer is no longer needed. */
  ask(place: GatePlace): Promise<GateAnswer | undefined>
  /** Returns whether this gate said yes at most `validMs` ago and the yes was not withdrawn. */
  isOpen(place: GatePlace): boolean
  /** Drops a yes and withdraws a question that do not fit this state. */
  moveTo(state: RolloutState): void
  /** Withdraws the pending question and drops a yes. */
  withdraw(): void
}

/** The options of {@link createGatekeeper}. */
export interface GatekeeperOptions {
  readonly course: Course
  readonly clock: Clock
  /** How long a yes is valid, in milliseconds. */
  readonly validMs: number
  readonly report: (error: CanaryError) => void
}

/** Creates a gatekeeper. Neither a question nor a yes is stored or shared with other processes. */
export function createGatekeeper({ course, clock, validMs, report }: GatekeeperOptions): Gatekeeper {
  const lastsMs = course.mode === 'observe' ? Number.POSITIVE_INFINITY : validMs // there, each gate is asked once
  let yes: (GatePlace & { readonly at: number }) | undefined
  let question: (GatePlace & { readonly abortion: AbortController }) | undefined

  const isAbout = ({ epoch, step }: GatePlace): boolean => question?.epoch === epoch && question.step === step

  const withdraw = (): void => {
    question?.abortion.abort()
    question = undefined
    yes = undefined
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
        if (open) yes = { epoch, step, at: clock.elapsed() }
        return { epoch, step, open, reason: `the gate of step ${step} ${open ? 'opened' : 'said no'}` }
      } catch (cause) {
        if (mine.abortion.signal.aborted) return undefined
        report(new CanaryError('GATE_FAILED', `step ${step}: ${messageOf(cause)}`, { cause }))
        return { epoch, step, open: false, reason: `the gate of step ${step} failed: ${messageOf(cause)}` }
      } finally {
        if (question === mine) question = undefined
      }
    },
    isOpen: ({ epoch, step }) => yes?.epoch === epoch && yes.step === step && clock.elapsed() - yes.at <= lastsMs,
    moveTo(state) {
      const isElsewhere = !isAbout(state) && (yes?.epoch !== state.epoch || yes.step !== state.step)
      const isInterrupted = state.state === 'paused' || !state.enabled || state.waitingFor === 'data'
      if (isElsewhere || isInterrupted) withdraw()
      else if (state.waitingFor !== 'gate' && course.mode === 'enforce') yes = undefined // something else is missing
    },
    withdraw,
  }
}

/** How long the slowest gate function of a plan may take, in milliseconds; 0 without one. */
export function longestGateMs({ steps }: Course): number {
  return Math.max(0, ...steps.map(({ gate, gateTimeoutMs = 0 }) => (typeof gate === 'function' ? gateTimeoutMs : 0)))
}
