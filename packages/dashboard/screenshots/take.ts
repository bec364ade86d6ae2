// Not a test: `npm run screenshots` takes the pictures of the documentation with it.
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, it } from 'vitest'
import { browserOfFile, open } from '../test/browser.fixture.js'
import { STATES } from '../test/states.fixture.js'
import { servePage } from '../test/worlds.fixture.js'

const FOLDER = fileURLToPath(new URL('../../../docs/images/', import.meta.url))

/** How a picture is taken, besides as it is on a desk: the name of its file has the name of the look. */
const LOOKS = {
  dark: { colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
} as const

const browser = browserOfFile()
beforeAll(() => void mkdirSync(FOLDER, { recursive: true }))

it.each(Object.keys(STATES) as (keyof typeof STATES)[])('takes a picture of a rollout that is %s', async (name) => {
  const { rollout, words } = await STATES[name]()
  const served = await servePage(rollout, { authorize: () => ({ actor: 'ada' }) })
  const looks = name === 'healthy' ? Object.entries(LOOKS) : []
  for (const [look, options] of [['', {}] as const, ...looks]) {
    const { page } = await open(browser(), served.url, { viewport: { width: 1_100, height: 900 }, ...options })
    await expect.poll(() => page.locator('.lead .badge').first().textContent(), { timeout: 20_000 }).toBe(words)
    await page.locator('.who').waitFor()
    await page.locator('.plot canvas, .charts ~ .none, section').first().waitFor()
    await page.waitForLoadState('networkidle', { timeout: 3_000 }).catch(() => {}) // the stream of events never ends
    const path = `${FOLDER}page-${[name, look].filter(Boolean).join('-')}.png`
    await page.screenshot({ path, fullPage: look !== 'phone' })
    await page.context().close()
  }
  await served.close()
})
