import { CanaryError } from '../foundation/errors.js'
import { refuseOthers, safeName, show } from '../foundation/options.js'
import type { Versions } from '../foundation/vocabulary.js'

/**
 * A checked, frozen copy of the two versions' names.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_VERSION`, `SAME_VERSION`
 */
export function distinctVersions<Version extends string>(versions: Versions<Version>): Versions<Version> {
  refuseOthers('versions', versions, ['baseline', 'canary'])
  const { baseline, canary } = versions
  safeName('versions.baseline', baseline, 'INVALID_VERSION')
  safeName('versions.canary', canary, 'INVALID_VERSION')
  if (baseline === canary) {
    throw new CanaryError('SAME_VERSION', `both are ${show(baseline)}; give the canary a version of its own`)
  }
  return Object.freeze({ baseline, canary })
}
