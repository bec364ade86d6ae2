import { nameOfRelease } from '../rollout/releases.js'
import { isTerminal } from '../rollout/state.js'
import type { StoredRollout } from '../rollout/stored-rollout.js'

/**
 * Returns what a person is told if the baseline of a release that is about to begin was replaced by a promotion;
 * `undefined` if it was not, or if that is not stored any more. The pair is probably one whose baseline was forgotten.
 */
export function describeOldBaseline({ versions, latest }: StoredRollout): string | undefined {
  if (latest === undefined) return undefined
  const { baseline } = versions
  const last = isTerminal(latest.state) ? [{ ...latest.state, versions: latest.versions }] : []
  const about = [...(latest.ended ?? []), ...last]
    .filter(({ state, versions: pair }) => state === 'promoted' && [pair.baseline, pair.canary].includes(baseline))
    .toSorted((one, other) => one.epoch - other.epoch)
    .at(-1)
  if (about === undefined || about.versions.baseline !== baseline) return undefined
  const { canary } = about.versions
  const what = `${canary} was promoted over ${baseline}, and ${baseline} is the baseline of ${nameOfRelease(versions)}`
  const advice = `if that is not meant, roll this release back and begin one with the baseline ${canary}`
  return `${what}: most requests go back to ${baseline}; ${advice}`
}
