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

/** Whether the work of an option consists of promises only, without a timer, a file or a socket. */
const IS_PROMPT: Readonly<Record<keyof CanaryOptions, boolean>> = {
  name: true,
  versions: true,
  plan: true, // without gates that are functions
  guardrails: true,
  judge: true,
  intervalMs: true,
  gateValidMs: true,
  ioTimeoutMs: true,
  storeTimeoutMs: true,
  settleTimeoutMs: true,
  watchAfterEndMs: true,
  historySize: true,
  replaySize: true,
  maxStoredBytes: true,
  onNewConfig: true,
  onNewRelease: true,
  onSilence: true,
  onIsolation: true,
  repeatMs: true,
  maxFlightMs: true,
  warmUp: true, // without `run`
  bake: true,
  maxDurationMs: true,
  onStall: true,
  mode: true,
  tripwire: true,
  beforePromote: false,
  store: false,
  target: false,
  observers: false,
  logger: false,
  strategy: false,
  clock: false,
}

const isPromptOption = (name: string): boolean =>
  Object.hasOwn(IS_PROMPT, name) && IS_PROMPT[name as keyof CanaryOptions]

/**
 * Makes what a rollout with these options takes to come to rest: ports, gates and warm-ups of the user's may take
 * longer.
 */
export function createSettle(rollout: Partial<CanaryOptions> = {}): Settle {
  const { plan, warmUp } = rollout
  const isPrompt =
    Object.keys(rollout).every(isPromptOption) &&
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
