import { createCanary } from '@model-canary/core'
import { manualClock } from '@model-canary/testing'
import { expect, it } from 'vitest'

const MINUTE = 60_000

it('a classify that keeps returning an invalid value raises one alert, repeated with a count', async () => {
  const clock = manualClock()
  const canary = createCanary({ name: 'sentiment', versions: { baseline: 'v1', canary: 'v2' }, clock })
  const alerts: string[] = []
  canary.on('alert', ({ about, message }) => void (about === 'outcome' && alerts.push(message)))
  await canary.start()
  const predict = canary.wrap({ baseline: () => 'a', canary: () => 'a' }, { classify: () => 'failed' as never })
  for (let minute = 0; minute <= 60; minute += 1) {
    expect(predict()).toBe('a')
    if (minute < 60) await clock.advance(MINUTE)
  }
  expect(alerts).toEqual([
    expect.stringMatching(/^classify returned "failed".*outputs; return /),
    expect.stringMatching(/^classify returned "failed".* \(for 60 min, 61 times\)$/),
  ])
  await canary.close()
})
