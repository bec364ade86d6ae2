import type { MetricsSource, SourceNote } from '../rollout/ports.js'
import type { ProcessAlerts } from './process-alerts.js'

/** What a source says of its counts, brought to people. */
export interface SourceNotes {
  /** The notes as they stand, in words. */
  messages(): readonly string[]
  /** Raises an alert for each trouble that is among them now, and ends those of the others. */
  tell(): void
  /** Nobody looks any more: no trouble stands. */
  end(): void
}

/** More notes than this nobody reads. */
const MOST_NOTES = 8

/** Reads the notes of a source. One that throws has none. */
export function createSourceNotes(source: MetricsSource, alerts: Pick<ProcessAlerts, 'raise' | 'calm'>): SourceNotes {
  let standing: readonly string[] = []

  const read = (): readonly SourceNote[] => {
    try {
      return (source.notes?.() ?? []).slice(0, MOST_NOTES)
    } catch {
      return []
    }
  }

  const tellOf = (troubles: readonly SourceNote[]): void => {
    const keys = troubles.map(({ id }) => `source ${id}`)
    for (const key of standing) if (!keys.includes(key)) alerts.calm(key)
    troubles.forEach(({ message }, at) => void alerts.raise('source', message, keys[at]))
    standing = keys
  }

  return {
    messages: () => read().map(({ message }) => message),
    tell: () => tellOf(read().filter(({ isTrouble }) => isTrouble)),
    end: () => tellOf([]),
  }
}
