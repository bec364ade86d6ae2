import { manualClock } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import type { MetricsSource, SourceNote } from '../rollout/ports.js'
import { createProcessAlerts } from './process-alerts.js'
import { createSourceNotes } from './source-notes.js'

const HOUR_MS = 3_600_000
const trouble: SourceNote = { id: 'lost', message: 'a time was left out', isTrouble: true }
const pace: SourceNote = { id: 'pace', message: 'it is scraped rarely', isTrouble: false }

function notesOf(notes?: () => readonly SourceNote[]) {
  const alerts: string[] = []
  const clock = manualClock()
  const source: MetricsSource = { read: async () => 'no-data', ...(notes && { notes }) }
  const alert = (about: string, message: string) => void alerts.push(`${about}: ${message}`)
  const standing = createProcessAlerts({ events: { alert }, clock, repeatMs: [HOUR_MS] })
  return { notes: createSourceNotes(source, standing), alerts, clock }
}

describe('createSourceNotes', () => {
  it('raises one alert for a problem, even if its message changes, and repeats it while it lasts', async () => {
    let said = trouble
    const { notes, alerts, clock } = notesOf(() => [pace, said])
    notes.tell()
    said = { ...trouble, message: '2 times were left out' }
    notes.tell()
    expect(alerts).toEqual(['source: a time was left out'])
    await clock.advance(HOUR_MS)
    expect(alerts).toEqual(['source: a time was left out', 'source: 2 times were left out (for 60 min)'])
  })

  it('ends the alert of a problem that is gone, and all alerts at the end', async () => {
    let said: readonly SourceNote[] = [trouble, { ...trouble, id: 'late', message: 'it is late' }]
    const { notes, alerts, clock } = notesOf(() => said)
    notes.tell()
    said = [trouble]
    notes.tell()
    notes.end()
    await clock.advance(2 * HOUR_MS)
    expect([alerts, clock.pending]).toEqual([['source: a time was left out', 'source: it is late'], 0])
  })

  it('has the current message of every note', () => {
    expect(notesOf(() => [pace, trouble]).notes.messages()).toEqual([pace.message, trouble.message])
  })

  it('has no notes if the source has none or throws', () => {
    const { notes, alerts } = notesOf(() => {
      throw new Error('oh')
    })
    notes.tell()
    expect([notes.messages(), alerts]).toEqual([[], []])
    expect(notesOf().notes.messages()).toEqual([])
  })

  it('has at most 8 notes', () => {
    expect(notesOf(() => Array.from({ length: 99 }, () => pace)).notes.messages()).toHaveLength(8)
  })
})
