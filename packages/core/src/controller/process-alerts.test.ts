import { manualClock } from '@model-canary/testing'
import { expect, it } from 'vitest'
import { createProcessAlerts } from './process-alerts.js'

const HOUR_MS = 3_600_000

function alerts() {
  const clock = manualClock()
  const said: string[] = []
  const events = { alert: (about: string, message: string) => void said.push(`${about}: ${message}`) }
  return { clock, said, ...createProcessAlerts({ events, clock, repeatMs: [HOUR_MS, 6 * HOUR_MS] }) }
}

it('reports an intermittent failure once, and again with a count when it is due', async () => {
  const { raise, calm, clock, said } = alerts()
  for (let flap = 0; flap < 120; flap += 1) {
    raise('store', 'down')
    calm('store')
    await clock.advance(30_000)
  }
  expect(said).toEqual(['store: down'])
  raise('store', 'down')
  expect(said[1]).toBe('store: down (for 60 min, 121 times)')
})

it('repeats an alert after one hour and after six hours if its cause has not ended', async () => {
  const { raise, clock, said } = alerts()
  for (let minute = 0; minute < 12 * 60; minute += 1) {
    raise('target', 'refused')
    await clock.advance(60_000)
  }
  expect(said).toEqual(['target: refused', 'target: refused (for 60 min)', 'target: refused (for 6 h)'])
})

it('reports a failure as new after a quiet hour, separately for each topic', async () => {
  const { raise, calm, clock, said } = alerts()
  raise('store', 'down')
  calm('store')
  await clock.advance(HOUR_MS + 1)
  raise('store', 'down')
  raise('target', 'refused')
  expect(said).toEqual(['store: down', 'store: down', 'target: refused'])
})

it('repeats a standing alert by itself until it ends or the alerts are closed', async () => {
  const { raise, calm, close, clock, said } = alerts()
  raise('drift', 'not ours')
  raise('store', 'down')
  raise('target', 'refused')
  calm('target')
  await clock.advance(HOUR_MS)
  expect(said.slice(3)).toEqual(['drift: not ours (for 60 min)', 'store: down (for 60 min)'])
  calm('store')
  await clock.advance(5 * HOUR_MS)
  expect(said.slice(5)).toEqual(['drift: not ours (for 6 h)'])
  expect(clock.pending).toBe(0) // it was said for the last time
  raise('key', 'no key')
  expect(clock.pending).toBe(1)
  close()
  expect(clock.pending).toBe(0)
})

it('distinguishes causes of one topic by their keys, and drops the oldest of many', async () => {
  const { raise, calm, clock, said } = alerts()
  raise('source', 'late', 'late')
  raise('source', 'lost', 'lost')
  raise('source', 'late', 'late')
  expect(said).toEqual(['source: late', 'source: lost'])
  calm('lost')
  for (let cause = 0; cause < 1_000; cause += 1) raise('source', 'another', `${cause}`)
  expect(clock.pending).toBe(50)
  raise('source', 'lost', 'lost')
  expect(said.at(-1)).toBe('source: lost') // as if it were new
})

it('counts momentary failures, and does not repeat them by itself', async () => {
  const { note, clock, said } = alerts()
  for (let call = 0; call < 10; call += 1) note('outcome', 'no outcome', 'classify')
  await clock.advance(HOUR_MS)
  expect([said, clock.pending]).toEqual([['outcome: no outcome'], 0])
  note('outcome', 'no outcome', 'classify')
  expect(said[1]).toBe('outcome: no outcome (for 60 min, 11 times)')
})
