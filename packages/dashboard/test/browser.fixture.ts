import { findServer } from '@model-canary/real-servers'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'

/** A page in a browser, and what went wrong in it. */
export interface OpenedPage {
  readonly page: Page
  /** Errors of scripts, of the console, and what the content security policy has refused. */
  readonly errors: string[]
}

/** Starts a browser for the tests of a file, and returns what returns it. Finding one may take a download. */
export function browserOfFile(): () => Browser {
  let browser: Browser | undefined
  beforeAll(async () => {
    browser = await launch()
  }, 240_000)
  afterAll(() => browser?.close())
  return () => browser!
}

/** Starts a browser without a window; rejects if there is none. */
async function launch(): Promise<Browser> {
  const executablePath = findServer('chromium')
  if (executablePath === undefined) throw new Error('no Chromium: set MODEL_CANARY_CHROMIUM to the path of one')
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-sync'],
  })
}

/** Opens an address in a context of its own, with nothing kept from others. */
export async function open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<OpenedPage> {
  const context = await browser.newContext({ viewport: { width: 1_200, height: 900 }, ...options })
  const page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  await page.goto(url)
  return { page, errors }
}
