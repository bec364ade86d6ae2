import { describe, expect, it } from 'vitest'
import type { MetricsSource, SourceNote } from './ports.js'
import { createSourceNotes } from './source-notes.js'

const place = { epoch: 1, step: 1 }
const trouble: SourceNote = { id: 'lost', message: 'a time was left out', isTrouble: true }
const pace: SourceNote = { id: 'pace', message: 'it is scraped rarely', isTrouble: false }

function notesOf(notes: () => readonly SourceNote[]) {
  const alerts: string[] = []
  const source: MetricsSource = { read: async () => 'no-data', notes }
  const alert = (about: string, message: string) => void alerts.push(`${about}: ${message}`)
  return { notes: createSourceNotes(source, { alert }), alerts }
}

describe('createSourceNotes', () => {
  it('raises an alert for a trouble once a step, whatever its words become', () => {
    let said = trouble
    const { notes, alerts } = notesOf(() => [pace, said])
    notes.tell(place)
    said = { ...trouble, message: '2 times were left out' }
    notes.tell(place)
    expect(alerts).toEqual(['source: a time was left out'])
    notes.tell({ ...place, step: 2 })
    expect(alerts).toEqual(['source: a time was left out', 'source: 2 times were left out'])
  })

  it('has the words of every note, as they are now', () => {
    expect(notesOf(() => [pace, trouble]).notes.messages()).toEqual([pace.message, trouble.message])
  })

  it('has none where the source has none, or fails to say', () => {
    const { notes, alerts } = notesOf(() => {
      throw new Error('oh')
    })
    notes.tell(place)
    expect([notes.messages(), alerts]).toEqual([[], []])
    expect(createSourceNotes({ read: async () => 'no-data' }, { alert: () => {} }).messages()).toEqual([])
  })

  it('has so many notes as a person reads', () => {
    expect(notesOf(() => Array.from({ length: 99 }, () => pace)).notes.messages()).toHaveLength(8)
  })
})
