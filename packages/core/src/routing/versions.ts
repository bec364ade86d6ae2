import { CanaryError } from '../foundation/errors.js'
import { refuseOthers, safeName, show } from '../foundation/options.js'
import { visible } from '../foundation/visible-text.js'
import type { Versions } from '../foundation/vocabulary.js'

/**
 * Checks the names of the two versions and returns a frozen copy.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_VERSION`, `SAME_VERSION`
 */
export function distinctVersions<Version extends string>(versions: Versions<Version>): Versions<Version> {
  refuseOthers('versions', versions, { baseline: 1, canary: 1 })
  const { baseline, canary } = versions
  distinctName('versions.baseline', baseline)
  distinctName('versions.canary', canary)
  if (baseline.normalize() === canary.normalize()) {
    throw new CanaryError('SAME_VERSION', `both versions are ${show(baseline)}; give the canary a different version`)
  }
  return Object.freeze({ baseline, canary })
}

/** Refuses a name that can look like another one. */
function distinctName(option: string, value: unknown): void {
  const name = safeName(option, value, 'INVALID_VERSION')
  if (visible(name) === name && name.trim() === name) return
  throw new CanaryError('INVALID_VERSION', `${option} must not have direction marks, or white space at an end`)
}
