import { afinnModel } from './afinn.js'
import { breaksAfter, crashed, delayed, hanging, throwsOn } from './misbehave.js'
import type { ModelPair } from './model.js'
import { winkModel } from './wink.js'

/** One scenario of the demo: two models, and the expected end of their rollout. */
export interface Scenario {
  /** What is wrong with the models, in one sentence. */
  readonly story: string
  readonly endsAs: 'promoted' | 'rolled-back'
  readonly models: () => ModelPair
}

/** With this threshold nine of ten texts are called positive. */
const EASILY_PLEASED = -0.6

/** Calls, sample inputs included, before the canary hangs or crashes: in the first or the second step. */
const CALLS_UNTIL_HUNG = 150
const CALLS_UNTIL_CRASH = 400

/** The delay of a cold canary: 0.4 s at first, 15 % less with every call. */
const coldMs = (callsBefore: number): number => 400 * 0.85 ** callsBefore

/** Every scenario by its name. The faults of the models are real. */
export const scenarios = {
  good: {
    story: 'v2 is right more often and takes ten times as long: 0.1 ms',
    endsAs: 'promoted',
    models: () => ({ baseline: afinnModel(), canary: winkModel() }),
  },
  errors: {
    story: 'v2 throws for texts with an apostrophe, one in five',
    endsAs: 'rolled-back',
    models: () => ({
      baseline: afinnModel(),
      canary: throwsOn(winkModel(), (text) => text.includes("'"), "cannot parse an apostrophe (')"),
    }),
  },
  slow: {
    story: 'v2 takes 80 ms longer for every answer',
    endsAs: 'rolled-back',
    models: () => ({ baseline: afinnModel(), canary: delayed(winkModel(), () => 80) }),
  },
  shifted: {
    story: 'v2 never fails, but calls nine of ten texts positive',
    endsAs: 'rolled-back',
    models: () => ({ baseline: afinnModel(), canary: winkModel({ threshold: EASILY_PLEASED }) }),
  },
  crash: {
    story: `v2 works for ${CALLS_UNTIL_CRASH} calls and fails every later one`,
    endsAs: 'rolled-back',
    models: () => ({ baseline: afinnModel(), canary: breaksAfter(CALLS_UNTIL_CRASH, winkModel(), crashed) }),
  },
  hung: {
    story: `v2 answers ${CALLS_UNTIL_HUNG} calls and hangs at every later one`,
    endsAs: 'rolled-back',
    models: () => ({ baseline: afinnModel(), canary: breaksAfter(CALLS_UNTIL_HUNG, winkModel(), hanging) }),
  },
  cold: {
    story: 'v2 takes 0.4 s at first, and less with every call',
    endsAs: 'promoted',
    models: () => ({ baseline: afinnModel(), canary: delayed(winkModel(), coldMs) }),
  },
  better: {
    story: 'v1 throws for one text in fifty, v2 for none',
    endsAs: 'promoted',
    models: () => ({
      baseline: throwsOn(afinnModel(), (text) => text.includes('"'), 'cannot parse a double quote (")'),
      canary: winkModel(),
    }),
  },
} as const satisfies Record<string, Scenario>

/** The name of a scenario, as `--scenario` takes it. */
export type ScenarioName = keyof typeof scenarios

/** All names, in the order of the list. */
export const SCENARIO_NAMES = Object.keys(scenarios) as readonly ScenarioName[]
