import { CanaryError } from '../foundation/errors.js'
import { refuseOthers, safeName, show } from '../foundation/options.js'
import type { Versions } from '../foundation/vocabulary.js'

/**
 * Checks the names of the two versions and returns a frozen copy.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_VERSION`, `SAME_VERSION`
 */
export function distinctVersions<Version extends string>(versions: Versions<Version>): Versions<Version> {
  refuseOthers('versions', versions, { baseline: 1, canary: 1 })
  const { baseline, canary } = versions
  safeName('versions.baseline', baseline, 'INVALID_VERSION')
  safeName('versions.canary', canary, 'INVALID_VERSION')
  if (baseline === canary) {
    throw new CanaryError('SAME_VERSION', `both versions are ${show(baseline)}; give the canary a different version`)
  }
  return Object.freeze({ baseline, canary })
}
