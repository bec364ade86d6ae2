import type { KubeObject } from '../kube/kube.js'

/** The annotation that says what a controller applied last: whatever is there otherwise was somebody else. */
export const MARK = 'model-canary.dev/applied'

/** What was applied last, as it stands in the object itself. */
export interface Mark {
  readonly weight: number
  readonly epoch: number
}

/** The mark of an object; `undefined` where there is none, or one that cannot be read. */
export function markOf({ metadata }: KubeObject): Mark | undefined {
  try {
    const { weight, epoch } = JSON.parse(metadata.annotations?.[MARK] ?? '{}') as Partial<Mark>
    return Number.isFinite(weight) && Number.isFinite(epoch) ? { weight: weight!, epoch: epoch! } : undefined
  } catch {
    return undefined
  }
}

/** The annotation's text. */
export const markText = ({ weight, epoch }: Mark): string => JSON.stringify({ weight, epoch })
