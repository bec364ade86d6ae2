import { request as ask, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Canary, linearPlan } from '@model-canary/core'
import { createDashboard } from '@model-canary/dashboard'
import type { Page } from 'playwright-core'
import { afterEach, describe, expect, it } from 'vitest'
import { browserOfFile, open } from './browser.fixture.js'
import { closed, servePage, world } from './worlds.fixture.js'

const PATIENCE = { timeout: 20_000 }

const browser = browserOfFile()
const closers: (() => unknown)[] = []

afterEach(async () => {
  await Promise.all(
    browser()
      .contexts()
      .map((context) => context.close()),
  )
  for (const close of closers.splice(0).reverse()) await close()
})

/** Serves the page of a canary, and opens it. */
async function opened(
  canary: Canary<'v1' | 'v2'> | readonly Canary[],
  options: Parameters<typeof servePage>[1] = {},
  hash = '',
) {
  const served = await servePage(canary, options)
  closers.push(() => served.close())
  return { ...(await open(browser(), `${served.url}${hash}`)), served }
}

const yes = { authorize: () => ({ actor: 'ada' }) }

const state = (page: Page) => page.locator('.lead .badge').first()
const saysState = (page: Page, words: string) => expect.poll(() => state(page).textContent(), PATIENCE).toBe(words)
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
/** Presses the tab key until a button has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let tabs = 0; tabs < 40; tabs += 1) {
    await page.keyboard.press('Tab')
    const focused = page.locator('button:focus')
    if ((await focused.count()) === 1 && (await focused.textContent()) === name) return
  }
  throw new Error(`no way to ${name} by the keyboard`)
}

const told = (page: Page) => page.locator('dialog [role=status], dialog [role=alert]')

describe('a page that is left open', () => {
  it('shows a rollout go by, without being loaded again', async () => {
    const { canary, play } = await world(0, {
      plan: linearPlan([25, 100], { minDurationMs: 60_000, minRequests: 100 }),
    })
    const { page, errors } = await opened(canary)
    await saysState(page, 'Warming up')
    await page.evaluate(() => Object.assign(globalThis, { isSame: true }))
    await play(60)
    await saysState(page, 'In progress')
    await expect.poll(() => page.locator('.plan [aria-current=step]').textContent(), PATIENCE).toContain('25 %')
    expect(await page.locator('.guardrails > li').count()).toBeGreaterThan(2)
    while (canary.status().state !== 'promoted') await play(30)
    await saysState(page, 'Promoted')
    expect(await page.locator('.state').textContent()).toContain('v2 serves every request')
    expect(await page.evaluate(() => 'isSame' in globalThis)).toBe(true)
    expect(await page.title()).toBe('promoted 100 % – sentiment')
    expect(errors.filter((error) => !error.includes('404'))).toEqual([])
  })

  it('shows a rollback with its reason at once, and in the decisions', async () => {
    const { canary, play, traffic } = await world(120)
    const { page } = await opened(canary)
    await saysState(page, 'In progress')
    traffic.errors.canary = 0.4
    while (canary.status().state !== 'rolled-back') await play(1)
    await saysState(page, 'Rolled back')
    expect(await page.locator('.state').textContent()).toContain('v1 serves every request; v2 gets none')
    expect(await page.locator('.why').textContent()).toContain('error rate')
    await expect
      .poll(() => page.locator('.decisions > li').first().textContent(), PATIENCE)
      .toMatch(/rollback.*error rate/)
    await page.locator('.decisions > li summary').first().click()
    await expect.poll(() => page.locator('.inputs').first().textContent(), PATIENCE).toContain('The judge said fail')
    expect(await page.locator('.inputs .guardrails li.bad').first().textContent()).toContain('Breached')
  })

  it('says that it is stale while the service is away, and recovers without being loaded again', async () => {
    const { canary } = await world(60)
    const first = await servePage(canary, yes)
    const { page } = await open(browser(), first.url)
    await expect.poll(() => page.locator('.connection').textContent(), PATIENCE).toContain('Live')
    await first.close()
    await expect
      .poll(() => page.locator('.connection').textContent(), PATIENCE)
      .toMatch(/Stale: no answer since \d\d:\d\d:\d\d UTC, \d+ s/)
    expect(await state(page).textContent()).toBe('In progress')
    await canary.rollback({ reason: 'while nobody could see it' })
    const again = await servePage(canary, yes, Number(new URL(first.url).port))
    closers.push(() => again.close())
    await saysState(page, 'Rolled back')
    await expect.poll(() => page.locator('.connection').textContent(), PATIENCE).toContain('Live')
    await expect.poll(() => page.locator('.decisions').textContent(), PATIENCE).toContain('while nobody could see it')
  })

  it('asks every few seconds where no stream gets through', async () => {
    const { canary } = await world(60)
    const { page } = await open(browser(), await proxied(canary, { refuse: (path) => path.endsWith('/events') }))
    await expect.poll(() => page.locator('.connection').textContent(), PATIENCE).toContain('no stream of events')
    await canary.pause({ reason: 'lunch' })
    await saysState(page, 'Paused')
    await expect.poll(() => page.locator('.decisions').textContent(), PATIENCE).toContain('lunch')
  })

  it('asks every few seconds where a proxy collects what the stream says', async () => {
    const { canary } = await world(60)
    const { page } = await open(browser(), await proxied(canary, { collect: (path) => path.endsWith('/events') }))
    await expect.poll(() => page.locator('.connection').textContent(), PATIENCE).toContain('no stream of events')
    await canary.pause({ reason: 'lunch' })
    await saysState(page, 'Paused')
  })
})

describe('verbs', () => {
  it('promotes to the step that the question names, with the reason that is asked for', async () => {
    const { canary } = await world(60)
    const { page } = await opened(canary, yes)
    await button(page, 'Promote to 25 %').click()
    await page.getByRole('heading', { name: 'Promote v2 from step 1 of 4 (10 %) to step 2 (25 %)?' }).waitFor()
    await button(page, 'Promote to 25 %').last().click() // refused by the browser: a reason is required
    expect(canary.status().step).toBe(1)
    await page.getByLabel('Reason').fill('looks good')
    await button(page, 'Promote to 25 %').last().click()
    await expect.poll(() => told(page).textContent(), PATIENCE).toContain('Done')
    expect(canary.status()).toMatchObject({ step: 2, weight: 25 })
    expect((await canary.history())[0]).toMatchObject({ action: 'advance', actor: 'ada', reason: 'looks good' })
    expect((await canary.history())[0]?.idempotencyKey).toMatch(/^[\w-]{10,64}$/)
  })

  it('rolls back by the keyboard alone, without a reason', async () => {
    const { canary } = await world(60)
    const { page } = await opened(canary, yes)
    await button(page, 'Roll back').waitFor()
    await tabTo(page, 'Roll back')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Roll v2 back from step 1 of 4 (10 %)?' }).waitFor()
    await tabTo(page, 'Roll back')
    await page.keyboard.press('Enter')
    await expect.poll(() => canary.status().state, PATIENCE).toBe('rolled-back')
    await saysState(page, 'Rolled back')
    await page.keyboard.press('Escape')
    await expect.poll(() => page.locator('dialog').count(), PATIENCE).toBe(0)
  })

  it('does not promote a step that a second operator has passed while the question was open', async () => {
    const { canary } = await world(60)
    const { page, served } = await opened(canary, yes)
    const second = (await open(browser(), served.url)).page
    for (const each of [page, second]) {
      await button(each, 'Promote to 25 %').click()
      await each.getByLabel('Reason').fill('both of us')
    }
    await button(second, 'Promote to 25 %').last().click()
    await expect.poll(() => told(second).textContent(), PATIENCE).toContain('Done')
    await expect
      .poll(() => told(page).textContent(), PATIENCE)
      .toContain('has moved on while this was open: it is at step 2 of 4')
    expect(await page.locator('dialog button[type=submit]').isDisabled()).toBe(true)
    expect(canary.status().step).toBe(2)
  })

  it('is refused by the service where the page could not know yet, and says where the rollout is', async () => {
    const { canary } = await world(60)
    const url = await proxied(canary, {
      options: yes,
      refuse: (path) => path.endsWith('/events') || (isBlind && path.endsWith('/status')),
    })
    let isBlind = false
    const { page } = await open(browser(), url)
    await button(page, 'Promote to 25 %').click()
    isBlind = true
    await canary.promote({ reason: 'by another' })
    await page.getByLabel('Reason').fill('too late')
    await button(page, 'Promote to 25 %').last().click()
    await expect
      .poll(() => told(page).textContent(), PATIENCE)
      .toMatch(/has moved on: it is at step 2 of 4 .*STEP_MOVED/)
    expect(canary.status().step).toBe(2)
  })

  it('pauses for a time, resumes, switches off and on, and begins again', async () => {
    const { canary } = await world(60)
    const { page } = await opened(canary, yes)
    const send = async (name: string, reason?: string): Promise<void> => {
      await button(page, name).click()
      if (reason !== undefined) await page.getByLabel('Reason').fill(reason)
      if (name === 'Pause') await page.getByLabel('How long').selectOption('for 1 hour')
      await page.locator('dialog button[type=submit]').click()
      await expect.poll(() => told(page).textContent(), PATIENCE).toContain('Done')
      await button(page, 'Close').click()
    }
    await send('Pause')
    await saysState(page, 'Paused')
    await send('Resume', 'back')
    await saysState(page, 'In progress')
    await send('Switch off')
    await saysState(page, 'Switched off')
    expect(canary.status().enabled).toBe(false)
    await send('Switch on', 'was nothing')
    await send('Roll back')
    await saysState(page, 'Rolled back')
    await send('Begin again', 'v2 is mended')
    await saysState(page, 'Warming up')
    expect(canary.status().epoch).toBe(2)
  })

  it('tells how many processes apply it, until all do', async () => {
    const { canary } = await world(60)
    let upToDate = 1
    const url = await proxied(canary, {
      options: yes,
      change(_path, body) {
        const answer = JSON.parse(body)
        if (!('members' in answer)) return body
        return JSON.stringify({ ...answer, members: { count: 3, upToDate, warm: 3, leader: null }, reached: 1, of: 3 })
      },
      refuse: (path) => path.endsWith('/events'),
    })
    const { page } = await open(browser(), url)
    await expect.poll(() => page.locator('.health').textContent(), PATIENCE).toContain('3 processes, 1 up to date')
    await button(page, 'Roll back').click()
    await page.locator('dialog button[type=submit]').click()
    await expect
      .poll(() => told(page).textContent(), PATIENCE)
      .toBe('1 process applies it of 3; waiting for the others …')
    upToDate = 3
    await expect.poll(() => told(page).textContent(), PATIENCE).toBe('Done: all 3 processes apply it.')
  })
})

describe('what a person may do', () => {
  it('shows no buttons without authorize, nor where it only shows', async () => {
    const { canary } = await world(30)
    const bare = await opened(canary)
    await expect.poll(() => bare.page.locator('.lead .note').textContent(), PATIENCE).toContain('has no authorize')
    expect(await bare.page.locator('.verbs').count()).toBe(0)
    const still = await opened(canary, { ...yes, readOnly: true })
    await expect.poll(() => still.page.locator('.lead .note').textContent(), PATIENCE).toContain('only shows')
    expect(await still.page.locator('.verbs').count()).toBe(0)
  })

  it('disables the buttons that authorize refuses', async () => {
    const { canary } = await world(60)
    const { page } = await opened(canary, { authorize: (_request, action) => action === 'rollback' })
    await button(page, 'Roll back').waitFor()
    expect(await button(page, 'Roll back').isEnabled()).toBe(true)
    expect(await button(page, 'Promote to 25 %').isDisabled()).toBe(true)
    expect(await button(page, 'Pause').isDisabled()).toBe(true)
  })

  it('asks for a token where reading needs one, again if it is wrong, and keeps it in this tab only', async () => {
    const { canary } = await world(60)
    const authorize = ({ headers }: { headers: Readonly<Record<string, unknown>> }) =>
      headers.authorization === 'Bearer right' && { actor: 'ada' }
    const { page, served } = await opened(canary, { authorize, authorizeReads: true })
    const token = page.getByLabel('Token')
    await token.fill('wrong')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.locator('dialog [role=alert]').textContent(), PATIENCE).toContain('does not accept')
    await token.fill('right')
    await page.keyboard.press('Enter')
    await saysState(page, 'In progress')
    await expect.poll(() => page.locator('.who').textContent(), PATIENCE).toContain('You are ada')
    await page.reload()
    await saysState(page, 'In progress')
    expect(await page.evaluate('[localStorage.length, document.cookie]')).toEqual([0, ''])
    const other = await open(browser(), served.url)
    await other.page.getByLabel('Token').waitFor()
    await button(page, 'Forget the token').click()
    await token.waitFor()
  })

  it('asks for a token again when the one that was given is no longer taken', async () => {
    const { canary } = await world(60)
    let right = 'Bearer first'
    const authorize = ({ headers }: { headers: Readonly<Record<string, unknown>> }) => headers.authorization === right
    const served = await servePage(canary, { authorize, authorizeReads: true })
    const port = Number(new URL(served.url).port)
    const { page } = await open(browser(), served.url)
    await page.getByLabel('Token').fill('first')
    await page.keyboard.press('Enter')
    await saysState(page, 'In progress')
    right = 'Bearer second'
    await served.close() // ends the stream, which authorize had allowed
    const again = await servePage(canary, { authorize, authorizeReads: true }, port)
    closers.push(() => again.close())
    await page.getByLabel('Token').fill('second')
    await page.keyboard.press('Enter')
    await saysState(page, 'In progress')
    await expect.poll(() => page.locator('.connection').textContent(), PATIENCE).toContain('Live')
  })

  it('uses the basic authorization of the app', async () => {
    const { canary } = await world(60)
    const right = `Basic ${Buffer.from('ada:secret').toString('base64')}`
    const routes = createDashboard(canary, { authorize: ({ headers }) => headers.authorization === right })
    const app = createServer((request, response) => {
      if (request.headers.authorization === right) return routes(request, response)
      response.writeHead(401, { 'www-authenticate': 'Basic realm="ops"' }).end()
    })
    await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve))
    closers.push(() => closed(app))
    const url = `http://127.0.0.1:${(app.address() as AddressInfo).port}/`
    const { page } = await open(browser(), url, { httpCredentials: { username: 'ada', password: 'secret' } })
    await button(page, 'Roll back').click()
    await page.locator('dialog button[type=submit]').click()
    await expect.poll(() => canary.status().state, PATIENCE).toBe('rolled-back')
  })

  it('uses the cookie of the app', async () => {
    const { canary } = await world(60)
    const authorize = ({ headers }: { headers: Readonly<Record<string, unknown>> }) =>
      headers.cookie === 'session=ada' && { actor: 'ada' }
    const served = await servePage(canary, { authorize, authorizeReads: true })
    closers.push(() => served.close())
    const context = await browser().newContext()
    await context.addCookies([{ name: 'session', value: 'ada', url: served.url, sameSite: 'Strict', httpOnly: true }])
    const page = await context.newPage()
    await page.goto(served.url)
    await button(page, 'Roll back').click()
    await page.locator('dialog button[type=submit]').click()
    await expect.poll(() => canary.status().state, PATIENCE).toBe('rolled-back')
    expect((await canary.history())[0]?.actor).toBe('ada')
  })
})

describe('where the page is', () => {
  it('shows the rollout that the address names, of several', async () => {
    const [{ canary }, other] = [await world(30), await world(0, { name: 'a/b ünlich' })]
    const { page } = await opened([canary, other.canary])
    await expect.poll(() => page.locator('nav a').count(), PATIENCE).toBe(2)
    expect(await page.locator('h1').textContent()).toContain('sentiment')
    await page.getByRole('link', { name: /ünlich/ }).click()
    await expect.poll(() => page.locator('h1').textContent(), PATIENCE).toContain('a/b ünlich')
    await saysState(page, 'Warming up')
    await expect.poll(() => page.locator('nav a[aria-current=page]').textContent(), PATIENCE).toContain('ünlich')
  })

  it('opens the decision of a link, also an old one', async () => {
    const { canary } = await world(60)
    for (let turn = 0; turn < 20; turn += 1) {
      await canary.pause({ reason: `pause ${turn}` })
      await canary.resume({ reason: `resume ${turn}` })
    }
    const old = (await canary.history({ limit: 100 })).find(({ reason }) => reason === 'pause 2')!
    const { page } = await opened(canary, {}, `#/sentiment/decision/${old.sequence}`)
    await expect.poll(() => page.locator('.inputs').textContent(), PATIENCE).toContain(`Decision ${old.sequence},`)
    expect(await page.locator('details[open] summary').first().textContent()).toContain('pause 2')
    const gone = await opened(canary, {}, '#/sentiment/decision/9999')
    await expect
      .poll(() => gone.page.locator('#decisions ~ [role=alert]').textContent(), PATIENCE)
      .toContain('not kept any more')
  })

  it('works below a path, without the slash at its end, and behind a proxy that rewrites the path', async () => {
    const { canary } = await world(60)
    const below = await servePage(canary, { prefix: '/ops/canary' })
    closers.push(() => below.close())
    const { page } = await open(browser(), `${below.url}ops/canary`)
    await saysState(page, 'In progress')
    expect(new URL(page.url()).pathname).toBe('/ops/canary/')
    const rewritten = await open(browser(), `${await proxied(canary, { prefix: '/team/a/' })}team/a/`)
    await saysState(rewritten.page, 'In progress')
    const based = await proxied(canary, { prefix: '/team/b', options: { publicPath: '/team/b/' } })
    const unslashed = await open(browser(), `${based}team/b`)
    await saysState(unslashed.page, 'In progress')
  })

  it('names the time zone of the reader', async () => {
    const { canary } = await world(60)
    const served = await servePage(canary)
    closers.push(() => served.close())
    const { page } = await open(browser(), served.url, { timezoneId: 'Asia/Tokyo' })
    await expect
      .poll(() => page.locator('.decisions time').first().textContent(), PATIENCE)
      .toMatch(/\d\d:\d\d:\d\d GMT\+9$/)
  })

  it('is not shown in the frame of another page', async () => {
    const { canary } = await world(30)
    const served = await servePage(canary)
    const framing = createServer((_, response) =>
      response.setHeader('content-type', 'text/html').end(`<iframe src="${served.url}">`),
    )
    await new Promise<void>((resolve) => framing.listen(0, '127.0.0.1', resolve))
    closers.push(
      () => served.close(),
      () => closed(framing),
    )
    const { page, errors } = await open(browser(), `http://127.0.0.1:${(framing.address() as AddressInfo).port}/`)
    await expect.poll(() => errors.join(), PATIENCE).toMatch(/frame-ancestors/)
    expect(await page.frames()[1]?.locator('main').count()).toBe(0)
  })
})

describe('a service of another version of the library', () => {
  it('is shown without what it does not know', async () => {
    const { canary } = await world(60)
    const url = await proxied(canary, {
      options: yes,
      refuse: (path) => /\/(points|rights|metrics)/.test(path),
      change(path, body) {
        if (!path.endsWith('/status')) return body
        const { waits, members, loop, internalErrors, leftOut, notes, eta, heldBy, inForce, explanation, ...older } =
          JSON.parse(body)
        return JSON.stringify({ ...older, somethingNew: { a: 1 } })
      },
    })
    const { page, errors } = await open(browser(), url)
    await saysState(page, 'In progress')
    await expect.poll(() => page.locator('.guardrails > li').count(), PATIENCE).toBeGreaterThan(1)
    expect(errors.filter((error) => !error.includes('404'))).toEqual([])
  })
})

/** Serves the page of a canary behind a proxy that rewrites paths, refuses some, keeps some, and changes answers. */
async function proxied(
  canary: Canary<'v1' | 'v2'>,
  {
    prefix = '/',
    refuse = () => false,
    collect = () => false,
    change,
    options,
  }: {
    readonly prefix?: string
    readonly refuse?: (path: string) => boolean
    readonly collect?: (path: string) => boolean
    readonly change?: (path: string, body: string) => string
    readonly options?: Parameters<typeof servePage>[1]
  },
): Promise<string> {
  const served = await servePage(canary, options)
  const proxy = createServer((request, response) => {
    const { method, headers, url = '/' } = request
    const path = url.split('?')[0] ?? ''
    if (!url.startsWith(prefix) || refuse(path)) return void response.writeHead(404).end()
    const target = new URL(url.slice(prefix.length).replace(/^\//, ''), served.url)
    const passed = change === undefined ? headers : { ...headers, 'accept-encoding': 'identity' }
    const outgoing = ask(target, { method: method!, headers: passed }, (incoming) => {
      response.writeHead(incoming.statusCode!, incoming.headers)
      if (collect(path)) return response.flushHeaders()
      if (change === undefined || !/json/.test(String(incoming.headers['content-type'])))
        return void incoming.pipe(response)
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('end', () => response.end(change(path, Buffer.concat(chunks).toString())))
    })
    outgoing.on('error', () => response.destroy())
    response.on('close', () => outgoing.destroy())
    request.pipe(outgoing)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  closers.push(
    () => served.close(),
    () => closed(proxy),
  )
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/`
}
