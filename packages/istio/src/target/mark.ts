import type { KubeObject } from '../kube/kube.js'

/** The annotation that says what a controller applied last: whatever is there otherwise was somebody else. */
export const MARK = 'model-canary.dev/applied'

/** What was applied last, as it stands in the object itself. */
export interface Mark {
  readonly weight: number
  readonly epoch: number
  /** Rises with every write: it tells what was applied last from a copy of what was applied before. */
  readonly revision: number
  /** Which target wrote it: of two controllers one may be late. */
  readonly by: string
  /** What the subsets of both arms selected when the canary got its first share, as JSON; only where a DestinationRule is looked at. */
  readonly selects?: string
}

/** The mark of an object; `undefined` where there is none, or one that cannot be read. */
export function markOf({ metadata }: KubeObject): Mark | undefined {
  try {
    const { weight, epoch, revision, by, selects } = JSON.parse(metadata.annotations?.[MARK] ?? '{}') as Mark
    if (typeof by !== 'string' || ![weight, epoch, revision].every(Number.isFinite)) return undefined
    return { weight, epoch, revision, by, ...(typeof selects === 'string' && { selects }) }
  } catch {
    return undefined
  }
}

/** The annotation's text. */
export const markText = ({ weight, epoch, revision, by, selects }: Mark): string =>
  JSON.stringify({ weight, epoch, revision, by, selects })

/** The later one of two marks: the object may be an old copy, and this process may not be the only one. */
export function latest(found: Mark | undefined, applied: Mark | undefined): Mark | undefined {
  return found && applied ? (found.revision >= applied.revision ? found : applied) : (found ?? applied)
}
