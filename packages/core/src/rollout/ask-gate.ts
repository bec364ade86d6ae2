import type { Clock } from '../clock.js'
import { CanaryError } from '../errors.js'
import { messageOf } from '../message-of.js'
import { withDeadline } from './deadline.js'
import type { Course } from './plan.js'

/** What a gate said; a gate that fails stays closed. */
export interface GateAnswer {
  readonly open: boolean
  readonly reason: string
}

/** Asks a step's gate function, within its time. Only `true` opens. */
export async function askGate(
  course: Course,
  epoch: number,
  step: number,
  { clock, report }: { readonly clock: Clock; readonly report: (error: CanaryError) => void },
): Promise<GateAnswer> {
  const { gate, gateTimeoutMs = 30_000, weight } = course.steps[step - 1]!
  if (typeof gate !== 'function') return { open: false, reason: `step ${step} waits for promote()` }
  try {
    const open = await withDeadline(clock, gateTimeoutMs, (signal) => gate({ epoch, step, weight, signal }))
    return open === true
      ? { open, reason: `the gate of step ${step} opened` }
      : { open: false, reason: `the gate of step ${step} said no` }
  } catch (cause) {
    report(new CanaryError('GATE_FAILED', `step ${step}: ${messageOf(cause)}`, { cause }))
    return { open: false, reason: `the gate of step ${step} failed: ${messageOf(cause)}` }
  }
}
