import type { Versions } from '../foundation/vocabulary.js'
import type { EndedState } from './state.js'

/** How a release ended that is not the latest of its name any more. */
export interface EndedRelease extends Pick<EndedState, 'state' | 'epoch' | 'step' | 'visit' | 'weight' | 'reason'> {
  /** The names of its two versions. */
  readonly versions: Versions
}
