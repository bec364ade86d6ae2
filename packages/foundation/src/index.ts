// What every package of this repository checks options and waits with. Private: it is built into each of them.

export { messageOf } from '../../core/src/foundation/message-of.js'
export {
  duration,
  flag,
  numberWithin,
  oneOf,
  optionalFunction,
  optionalText,
  refuseUnknown,
  safeName,
  show,
  text,
  wholeNumber,
} from '../../core/src/foundation/options.js'
export { visible } from '../../core/src/foundation/visible-text.js'
export { type BackOff, pauseBeforeTry } from '../../core/src/runtime/back-off.js'
export { type DeadlineOptions, pause, withDeadline } from '../../core/src/runtime/deadline.js'
export { retryAfterMsOf } from '../../core/src/runtime/retry-after.js'
