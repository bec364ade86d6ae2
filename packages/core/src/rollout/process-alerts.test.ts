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

it('says once what fails now and then, and again with a count when it is due', async () => {
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

it('says again after an hour and six what has not ended', async () => {
  const { raise, clock, said } = alerts()
  for (let minute = 0; minute < 12 * 60; minute += 1) {
    raise('target', 'refused')
    await clock.advance(60_000)
  }
  expect(said).toEqual(['target: refused', 'target: refused (for 60 min)', 'target: refused (for 6 h)'])
})

it('takes what comes after a quiet hour for news, and each topic for itself', async () => {
  const { raise, calm, clock, said } = alerts()
  raise('store', 'down')
  calm('store')
  await clock.advance(HOUR_MS + 1)
  raise('store', 'down')
  raise('target', 'refused')
  expect(said).toEqual(['store: down', 'store: down', 'target: refused'])
})
