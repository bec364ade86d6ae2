import { deepEqual, equal } from 'node:assert/strict'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { countsOf } from './counts.js'
import { createDeferred } from './patience.js'
import { HEALTH, type Play } from './play.js'
import type { AdapterRoute, MountedCanary } from './setup.js'
import type { Stage } from './stage.js'

/** What happens to a request that is none of the model's: nothing. */
export const lazinessRules = (play: Play) => ({
  'counts nothing for a route that does not touch the canary': play(async ({ canary, open }) => {
    const idle = await canary()
    const app = await open({ canaries: [{ canary: idle }], routes: [HEALTH] })
    equal((await app.send('/health')).body, 'ok')
    await app.expectInTheEnd(idle, {})
  }),

  'counts nothing for a path that nobody serves': play(async ({ canary, open }) => {
    const idle = await canary()
    const app = await open({ canaries: [{ canary: idle }], routes: [HEALTH] })
    equal((await app.send('/nowhere')).status, 404)
    await app.expectInTheEnd(idle, {})
  }),

  'counts nothing for an event stream that is held open': play(async ({ canary, open, within }) => {
    const idle = await canary()
    const events = { path: '/events', answer: () => ({ body: heldOpen() }) }
    const app = await open({ canaries: [{ canary: idle }], routes: [events] })
    const client = app.open('/events')
    const response = await within('the head of the event stream', client.response)
    await within('the first event', once(response, 'data'))
    deepEqual(countsOf(idle), {})
    client.leave()
    await app.expectInTheEnd(idle, {})
  }),

  'adds no listener to a response that is none of the model’s': play(async (stage) => {
    const idle = await stage.canary()
    deepEqual(await listenersOf(stage, [{ canary: idle }]), await listenersOf(stage, []))
  }),

  'reads no key for a request that is none of the model’s': play(async ({ canary, open }) => {
    const idle = await canary()
    let asked = 0
    const key = () => String((asked += 1))
    const app = await open({
      canaries: [{ canary: idle, options: { key, attributes: () => ({ key: key() }) } }],
      routes: [HEALTH],
    })
    await app.send('/health')
    await app.expectInTheEnd(idle, {})
    equal(asked, 0)
  }),

  'counts a request when it is touched for the first time, and not before': play(async (stage) => {
    const [entered, touch] = [createDeferred(), createDeferred()]
    const idle = await stage.canary()
    const late: AdapterRoute = {
      path: '/predict',
      answer: async ({ canary }) => {
        entered.resolve()
        await touch.promise
        return { body: canary.version }
      },
    }
    const app = await stage.open({ canaries: [{ canary: idle }], routes: [late] })
    const answer = app.send('/predict')
    await stage.within('the request reaches its route', entered.promise)
    deepEqual(countsOf(idle), {})
    touch.resolve()
    equal((await answer).body, 'v2')
    await app.expectInTheEnd(idle, { 'v2 success': 1 })
  }),
})

function heldOpen(): Readable {
  const events = new Readable({ read() {} })
  events.push('data: first\n\n')
  return events
}

/** How many listeners a response has while its route is at work. */
async function listenersOf({ open, within }: Stage, canaries: readonly MountedCanary[]) {
  const [entered, leave] = [createDeferred(), createDeferred()]
  const working = {
    path: '/health',
    answer: async () => {
      entered.resolve()
      await leave.promise
      return { body: 'ok' }
    },
  }
  const app = await open({ canaries, routes: [working] })
  const answer = app.send('/health')
  await within('the request reaches its route', entered.promise)
  const [response] = app.responses
  const listeners = response?.eventNames().map((name) => [name, response.listenerCount(name)])
  leave.resolve()
  await answer
  return Object.fromEntries(listeners ?? [])
}
