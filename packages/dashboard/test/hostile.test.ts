import { createCanary, errorRate, linearPlan } from '@model-canary/core'
import { manualClock } from '@model-canary/testing'
import { expect, it } from 'vitest'
import { browserOfFile, open } from './browser.fixture.js'
import { servePage } from './worlds.fixture.js'

const PATIENCE = { timeout: 20_000 }

/** Texts that a browser must not read as anything but text, and that must not break a line or a layout. */
const PAYLOADS = [
  '<script>window.broken=1</script>',
  '<img src=x onerror=window.broken=1>',
  '"><svg/onload=window.broken=1>',
  "javascript:window.broken=1//'",
  '{{constructor.constructor("window.broken=1")()}}',
  '</title><style>body{display:none}</style>',
  '<a href="https://evil.example">sign in again</a>',
  'مرحبا \u202Eevil\u202C',
  'W'.repeat(60),
  '🦊'.repeat(20),
]

const browser = browserOfFile()

it.each(PAYLOADS)('shows %s as text, in every place', async (payload) => {
  const clock = manualClock({ startMs: Date.now() - 400_000 })
  const name = payload.replace(/[\u202a-\u202e]/g, '').slice(0, 64)
  const canary = createCanary({
    name,
    versions: { baseline: `1 ${name}`.slice(0, 64), canary: `2 ${name}`.slice(0, 64) },
    plan: linearPlan([50, 100], { minDurationMs: 600_000 }),
    guardrails: [errorRate({ margin: 0.02, name })],
    warmUp: { durationMs: 0 },
    tripwire: false,
    logger: false,
    clock,
  })
  await canary.start()
  await clock.advance(5_000)
  for (let call = 0; call < 200; call += 1) {
    const variant = call % 2 ? 'canary' : 'baseline'
    canary.record({ variant, durationMs: 5, outcome: 'success', prediction: payload, score: 0.5 })
  }
  const failing = canary.wrap({
    baseline: () => Promise.reject(new Error(payload)),
    canary: () => Promise.reject(new Error(payload)),
  })
  for (let call = 0; call < 20; call += 1) await failing().catch(() => {})
  await clock.advance(20_000)
  await canary.pause({ reason: payload, actor: name })

  const served = await servePage([canary], { authorize: () => ({ actor: payload }) })
  const { page, errors } = await open(browser(), served.url, { viewport: { width: 400, height: 800 } })
  try {
    await expect.poll(() => page.locator('.lead .badge').first().textContent(), PATIENCE).toBe('Paused')
    await expect.poll(() => page.locator('.predictions tbody tr').count(), PATIENCE).toBeGreaterThan(0)
    await expect.poll(() => page.locator('.who').textContent(), PATIENCE).toContain('You are')
    await page.locator('details').evaluateAll((all) => all.forEach((each) => void Object.assign(each, { open: true })))
    await page.locator('.inputs').first().waitFor()
    await page.getByRole('button', { name: 'Resume' }).click()
    const text = (await page.locator('body').textContent()) ?? ''
    for (const part of ['You are ', 'Class', 'Resume 2 ', 'failed with']) expect(text).toContain(part)
    expect(text.split(name.slice(0, 40)).length).toBeGreaterThan(8) // in as many places
    expect(await page.evaluate('"broken" in globalThis')).toBe(false)
    expect(
      await page.locator('img, iframe, main script, main style, a[href^="http"], a[href^="javascript"]').count(),
    ).toBe(0)
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    expect(text).not.toContain('\u202E')
    expect(errors).toEqual([])
  } finally {
    await page.context().close()
    await served.close()
  }
})
