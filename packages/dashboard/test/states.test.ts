import axe from 'axe-core'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterEach, describe, expect, it } from 'vitest'
import { browserOfFile, open } from './browser.fixture.js'
import { STATES } from './states.fixture.js'
import { type ServedPage, servePage } from './worlds.fixture.js'

const PATIENCE = { timeout: 20_000 }
const PHONE: BrowserContextOptions = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true }

const browser = browserOfFile()
let served: ServedPage | undefined

afterEach(async () => {
  await Promise.all(
    browser()
      .contexts()
      .map((context) => context.close()),
  )
  await served?.close()
})

describe('the page of a rollout that is', () => {
  it.each(Object.keys(STATES) as (keyof typeof STATES)[])('%s says so, and everybody can use it', async (name) => {
    const { rollout, words } = await STATES[name]()
    served = await servePage(rollout, { authorize: () => ({ actor: 'ada' }) })
    for (const look of [{}, { ...PHONE, colorScheme: 'dark' }] as const) {
      const { page, errors } = await open(browser(), served.url, { ...look, bypassCSP: true }) // for axe, which is injected
      await expect.poll(() => page.locator('.lead .badge').first().textContent(), PATIENCE).toBe(words)
      await expect.poll(() => page.locator('.verbs button').count(), PATIENCE).toBeGreaterThan(0)
      await page
        .locator('details')
        .evaluateAll((all) => all.forEach((each) => void Object.assign(each, { open: true })))
      expect(await violations(page)).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
        page.viewportSize()!.width,
      )
      await page.locator('.verbs button').first().click()
      expect(await violations(page)).toEqual([])
      expect(errors.filter((error) => !error.includes('404'))).toEqual([])
    }
  })
})

/** Returns what axe finds, each with the place. */
async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source)
  const found = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as {
    readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[]
  }
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`))
}
