import type { Stage } from './stage.js'

/** Makes a rule of what happens on a stage; the stage is closed behind it, however it ends. */
export type Play = (act: (stage: Stage) => Promise<void>) => () => Promise<void>
