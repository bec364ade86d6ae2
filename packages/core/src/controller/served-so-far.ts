import type { SourceWindow } from '../rollout/ports.js'
import type { Visit } from '../rollout/records.js'
import type { ControllerParts } from './controller-parts.js'
import type { HeldRollout } from './held-rollout.js'
import type { Lifetime } from './lifetime.js'
import type { ServedUpTo } from './span-log.js'

/** Returns what was served in a stay so far: in this process, in all of them, or by what a source has counted. */
export interface ServedSoFar {
  /** True if other processes report what they have served, so that it has to be read. */
  readonly isOfAll: boolean
  /** True if the counts of a stay go on in another process. */
  readonly areShared: boolean
  /** Returns what is known of a stay without asking; `undefined` if nothing is. */
  known(of: Visit): ServedUpTo | undefined
  /** Resolves to what is known of a stay now; rejects if the store fails. */
  read(of: Visit): Promise<ServedUpTo | undefined>
  /** Takes note of the counts that the metrics source has returned. */
  note(window: SourceWindow, counts: ServedUpTo['counts']): void
}

/** The options of {@link createServedSoFar}. */
export interface ServedSoFarOptions {
  readonly parts: ControllerParts
  readonly held: Pick<HeldRollout, 'replica'>
  readonly lifetime: Pick<Lifetime, 'cutOff'>
}

/** Creates what returns the counts from which points are made. */
export function createServedSoFar({ parts, held, lifetime }: ServedSoFarOptions): ServedSoFar {
  const { replica: own, source } = parts
  const { clock } = parts.rollout
  const readAll = held.replica?.servedIn
  let noted: (Visit & ServedUpTo) | undefined

  const known: ServedSoFar['known'] = ({ epoch, visit }) => {
    if (readAll !== undefined) return undefined
    if (own !== undefined) return { counts: own.served(), at: clock.now() }
    return noted?.epoch === epoch && noted.visit === visit ? noted : undefined
  }
  return {
    isOfAll: readAll !== undefined,
    areShared: readAll !== undefined || (own === undefined && source.survivesRestart !== false),
    known,
    async read(of) {
      if (readAll === undefined) return known(of)
      const at = clock.now()
      const counts = await readAll(of, lifetime.cutOff)
      return counts && { counts, at }
    },
    note({ epoch, visit }, counts) {
      noted = { epoch, visit, counts, at: clock.now() }
    },
  }
}
