import type { Stage } from './stage.js'

/** Turns actions on a stage into a rule. The stage is closed afterwards, however the rule ends. */
export type Play = (act: (stage: Stage) => Promise<void>) => () => Promise<void>
