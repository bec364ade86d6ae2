// The checks of options, the waiting, the texts and the store that the other packages share with core. Private: the build puts them
// into each package.

export { storeInMemory } from '../../core/src/controller/memory-store.js'
export { messageOf } from '../../core/src/foundation/message-of.js'
export {
  type Defaults,
  duration,
  flag,
  type Names,
  numberWithin,
  oneOf,
  optionalFunction,
  optionalText,
  refuseOthers,
  refuseUnknown,
  safeName,
  show,
  text,
  wholeNumber,
} from '../../core/src/foundation/options.js'
export { visible } from '../../core/src/foundation/visible-text.js'
export { ignoreRejection } from '../../core/src/routing/rejections.js'
export { isThenable } from '../../core/src/routing/thenable.js'
export { type BackOff, pauseBeforeTry } from '../../core/src/runtime/back-off.js'
export { type DeadlineOptions, pause, withDeadline } from '../../core/src/runtime/deadline.js'
export { retryAfterMsOf } from '../../core/src/runtime/retry-after.js'
