import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Canary } from '@model-canary/core'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { scenarios } from '../../../examples/express-sentiment/src/models/scenarios.js'
import { paces } from '../../../examples/express-sentiment/src/pace.js'
import { sentimentApp as expressApp } from '../../../examples/express-sentiment/src/serving/app.js'
import { sentimentCanary as expressCanary } from '../../../examples/express-sentiment/src/serving/canary.js'
import { loadSentences } from '../../../examples/express-sentiment/src/traffic/sentences.js'
import { sentimentApp as fastifyApp } from '../../../examples/fastify-sentiment/src/app.js'
import { sentimentCanary as fastifyCanary } from '../../../examples/fastify-sentiment/src/canary.js'
import { sentimentApp as koaApp } from '../../../examples/koa-sentiment/src/app.js'
import { sentimentCanary as koaCanary } from '../../../examples/koa-sentiment/src/canary.js'
import { browserOfFile, open } from './browser.fixture.js'
import { closed } from './worlds.fixture.js'

const PATIENCE = { timeout: 60_000 }
const TOKEN = 'the-token-of-the-operators'

/** Times for a rollout of some seconds. */
const { judge, minDurationMs, minRequests, intervalMs } = paces.fast
const QUICK = { judge, minDurationMs, minRequests, intervalMs }

/** An example: its canary, what answers its requests, and a question for it. */
interface Example {
  readonly canary: () => Canary<'v1' | 'v2'>
  readonly serve: (canary: Canary<'v1' | 'v2'>) => Promise<Server>
  readonly ask: (origin: string, call: number) => Promise<Response>
}

const SENTENCES = loadSentences()
const sentenceOf = (call: number) => SENTENCES[(call * 31) % SENTENCES.length]!
const posted = (origin: string, call: number, body: object = { text: sentenceOf(call).text }) =>
  fetch(`${origin}/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-user-id': `user-${call}` },
    body: JSON.stringify(body),
  })

const EXAMPLES: Readonly<Record<string, Example>> = {
  express: {
    canary: () => expressCanary(scenarios.good.models(), paces.fast) as Canary<'v1' | 'v2'>,
    serve: async (canary) => createServer(expressApp(canary, scenarios.good.models())),
    ask: (origin, call) => posted(origin, call, sentenceOf(call)), // with its class, for the guardrail on accuracy
  },
  koa: {
    canary: () => koaCanary(QUICK),
    serve: async (canary) => createServer(koaApp(canary).callback()),
    ask: (origin, call) =>
      fetch(`${origin}/predict?text=${encodeURIComponent(sentenceOf(call).text)}`, {
        headers: { 'x-user-id': `user-${call}` },
      }),
  },
  fastify: {
    canary: () => fastifyCanary(QUICK),
    async serve(canary) {
      const app = fastifyApp(canary)
      await app.ready()
      return app.server
    },
    ask: posted,
  },
}

const browser = browserOfFile()
const closers: (() => unknown)[] = []
beforeAll(() => {
  process.env.OPERATOR_TOKEN = TOKEN
})
afterAll(() => {
  delete process.env.OPERATOR_TOKEN
})
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

describe.each(Object.entries(EXAMPLES))('the page of the %s example', (_name, example) => {
  it('shows the rollout go by, operates it, and comes back after the service was away', async () => {
    const canary = example.canary()
    closers.push(() => canary.close())
    const first = await listening(await example.serve(canary))
    let { server } = first
    closers.push(() => closed(server))
    const stop = keepAsking((call) => example.ask(first.origin, call))
    closers.push(stop)

    const { page, errors } = await open(browser(), `${first.origin}/canary`) // without the slash at the end
    closers.push(() => page.context().close())
    await page.locator('.lead .badge').first().waitFor()
    await canary.start() // its warm-up is over after two seconds, in which a page may not have opened
    await says(page, 'Warming up')
    await says(page, 'In progress')

    await page.getByRole('button', { name: 'Sign in with a token' }).click()
    await page.getByLabel('Token').fill(TOKEN)
    await page.keyboard.press('Enter')
    await button(page, /^Promote to/).click()
    await page.getByLabel('Reason').fill('it is only a test')
    const { step } = canary.status()
    await page.locator('dialog button[type=submit]').click()
    await expect.poll(() => page.locator('dialog [role=status]').textContent(), PATIENCE).toContain('Done')
    expect(canary.status().step).toBeGreaterThan(step)
    expect(await hasReason(canary, 'it is only a test')).toBe(true)
    await button(page, /^Close/).click()

    await closed(server)
    await expect.poll(() => page.locator('.connection').textContent(), PATIENCE).toContain('Stale')
    server = (await listening(await example.serve(canary), first.port)).server
    await expect.poll(() => page.locator('.connection').textContent(), PATIENCE).toContain('Live')

    await says(page, 'Promoted')
    await button(page, /^Roll back/).click()
    await page.locator('dialog button[type=submit]').click()
    await says(page, 'Rolled back')
    expect(canary.status().state).toBe('rolled-back')
    expect(errors.filter((error) => !/ERR_(CONNECTION|INCOMPLETE|EMPTY)/.test(error))).toEqual([])
  }, 120_000)
})

const says = (page: Page, words: string) =>
  expect.poll(() => page.locator('.lead .badge').first().textContent(), PATIENCE).toBe(words)
const button = (page: Page, name: RegExp) => page.getByRole('button', { name }).last()

async function hasReason(canary: Canary<'v1' | 'v2'>, reason: string): Promise<boolean> {
  return (await canary.history({ limit: 1_000 })).some((decision) => decision.reason === reason)
}

async function listening(server: Server, port = 0) {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const { port: given } = server.address() as AddressInfo
  return { server, port: given, origin: `http://127.0.0.1:${given}` }
}

/** Sends sentences of ever new users, three at a time, until it is stopped. A service that is away is no failure. */
function keepAsking(ask: (call: number) => Promise<Response>): () => Promise<unknown> {
  let isOver = false
  let calls = 0
  const asker = async (): Promise<void> => {
    while (!isOver) {
      calls += 1
      const answer = await ask(calls).catch(() => undefined)
      await answer?.arrayBuffer().catch(() => {})
      if (answer === undefined) await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  const askers = Promise.all([asker(), asker(), asker()])
  return () => {
    isOver = true
    return askers
  }
}
