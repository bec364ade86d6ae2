import type { KubeObject } from '../kube/kube.js'

/** The annotation that records what a controller applied last; any other weight was set by somebody else. */
export const MARK = 'model-canary.dev/applied'

/** What was applied last, as recorded in the object itself. */
export interface Mark {
  /** The canary's share, in percent. */
  readonly weight: number
  /** The epoch of the rollout that applied it. */
  readonly epoch: number
  /** Rises with every write, so that the latest mark can be told from a restored older one. */
  readonly revision: number
  /** The highest fence of a leader that has written the object; left out if no controller shares its store. */
  readonly fence?: number
  /** The id of the target that wrote it, so that two controllers notice each other. */
  readonly by: string
  /** What the subsets selected when the canary got its first share, as JSON. Only with a DestinationRule. */
  readonly selects?: string
}

/** Returns the mark of an object; `undefined` if it has none, or one that cannot be read. */
export function markOf({ metadata }: KubeObject): Mark | undefined {
  try {
    const { weight, epoch, revision, fence, by, selects } = JSON.parse(metadata.annotations?.[MARK] ?? '{}') as Mark
    if (typeof by !== 'string' || ![weight, epoch, revision].every(Number.isFinite)) return undefined
    return {
      ...{ weight, epoch, revision, by },
      ...(Number.isFinite(fence) && { fence }),
      ...(typeof selects === 'string' && { selects }),
    }
  } catch {
    return undefined
  }
}

/** Returns the text of the annotation. */
export const markText = ({ weight, epoch, revision, fence, by, selects }: Mark): string =>
  JSON.stringify({ weight, epoch, revision, fence, by, selects })

/** Returns the later of two marks. The object may have been restored, and other processes may have written it. */
export function latest(found: Mark | undefined, applied: Mark | undefined): Mark | undefined {
  return found && applied ? (found.revision >= applied.revision ? found : applied) : (found ?? applied)
}
