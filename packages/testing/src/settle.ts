import { nextTick } from 'node:process'
import type { CanaryOptions } from '@model-canary/core'

/** Read at import, so that a test that fakes the timers later does not stop a simulation. */
const nextTurn = globalThis.setImmediate

/** Waits until the started work has settled. */
export type Settle = () => Promise<void>

/** How many turns of the event loop are waited for, for work that may need them. */
const TURNS = 3

/** How often the event loop gets a turn anyway, so that a long simulation does not block other work. */
const SETTLED_PER_TURN = 100

/** Options whose work consists of promises only, without a timer, a file or a socket. */
const PROMPT_OPTIONS: ReadonlySet<string> = new Set([
  'name',
  'plan',
  'guardrails',
  'judge',
  'intervalMs',
  'ioTimeoutMs',
  'historySize',
  'replaySize',
  'warmUp',
  'bake',
  'maxDurationMs',
  'onStall',
  'mode',
  'tripwire',
] satisfies (keyof CanaryOptions)[])

/**
 * Makes what a rollout with these options takes to come to rest: ports, gates and warm-ups of the user's may take
 * longer.
 */
export function createSettle(rollout: Partial<CanaryOptions> = {}): Settle {
  const { plan, warmUp } = rollout
  const isPrompt =
    Object.keys(rollout).every((name) => PROMPT_OPTIONS.has(name)) &&
    warmUp?.run === undefined &&
    (plan === undefined || !('steps' in plan) || plan.steps.every(({ gate }) => typeof gate !== 'function'))
  let settled = 0
  return () => {
    settled += 1
    return isPrompt && settled % SETTLED_PER_TURN > 0 ? settlePromises() : settleTurns()
  }
}

/** Lets timers, files and sockets run for one turn. */
export function turnOfEventLoop(): Promise<void> {
  return new Promise((resolve) => {
    nextTurn(() => resolve())
  })
}

/**
 * Waits until no promise reaction is pending.
 *
 * A tick that a promise's reaction requests runs after all reactions, including those that they
 * about: Node empties the queue of microtasks before it looks for the next tick.
 */
async function settlePromises(): Promise<void> {
  await undefined // what follows is a reaction, whoever called
  await new Promise<void>((resolve) => nextTick(resolve))
}

async function settleTurns(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) await turnOfEventLoop()
}
