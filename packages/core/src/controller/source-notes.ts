import type { MetricsSource, SourceNote } from '../rollout/ports.js'
import type { ProcessAlerts } from './process-alerts.js'

/** The notes of a source about its counts, as sentences and alerts. */
export interface SourceNotes {
  /** Returns the present notes as sentences. */
  messages(): readonly string[]
  /** Raises an alert for each note that is a trouble now, and ends the alerts of those that are gone. */
  tell(): void
  /** Ends all these alerts, because no more looks are made. */
  end(): void
}

/** The most notes that are shown. */
const MOST_NOTES = 8

/** Creates the notes of a source; an empty list if the source throws. */
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
