import type { Events } from '../events.js'
import type { MetricsSource, SourceNote } from './ports.js'

/** What a source says of its counts, brought to people. */
export interface SourceNotes {
  /** The notes as they stand, in words. */
  messages(): readonly string[]
  /** Raises an alert for each trouble that has not been told in this step. */
  tell(place: { readonly epoch: number; readonly step: number }): void
}

/** More notes than this nobody reads. */
const MOST_NOTES = 8

/** Reads the notes of a source. One that throws has none. */
export function createSourceNotes(source: MetricsSource, events: Pick<Events, 'alert'>): SourceNotes {
  let toldOf = ''
  let told = new Set<string>()

  const read = (): readonly SourceNote[] => {
    try {
      return (source.notes?.() ?? []).slice(0, MOST_NOTES)
    } catch {
      return []
    }
  }

  return {
    messages: () => read().map(({ message }) => message),
    tell({ epoch, step }) {
      if (toldOf !== `${epoch}/${step}`) {
        toldOf = `${epoch}/${step}`
        told = new Set()
      }
      for (const { id, message, isTrouble } of read()) {
        if (!isTrouble || told.has(id)) continue
        told.add(id)
        events.alert('source', message)
      }
    },
  }
}
