// The public surface, in sections.

// clock
export { type ManualClock, type ManualClockOptions, manualClock } from './manual-clock.js'
