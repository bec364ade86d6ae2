import { deepEqual, equal } from 'node:assert/strict'
import { countsOf } from './counts.js'
import { createDeferred } from './patience.js'
import { only, type Play } from './play.js'
import type { AdapterRoute, Exchange } from './setup.js'

/** A client that leaves is no error of the model, and no reason to count twice. */
export const abortRules = (play: Play) => ({
  'counts a client that leaves while the model runs as one abort, and tells the model': play(async (stage) => {
    const [started, answer] = [createDeferred<AbortSignal>(), createDeferred<string>()]
    const watching = await stage.canary()
    const slow = route(({ canary }) =>
      canary.run(
        only(() => {
          started.resolve(canary.signal)
          return answer.promise
        }),
      ),
    )
    const app = await stage.open({ canaries: [{ canary: watching }], routes: [slow] })
    const client = app.open('/predict')
    const signal = await stage.within('the model starts', started.promise)
    equal(signal.aborted, false)
    deepEqual(countsOf(watching), { 'v2 in flight': 1 })
    client.leave()
    await stage.expectSoon(watching, { 'v2 aborted': 1 })
    equal(signal.aborted, true)
    answer.resolve('too late')
    await app.expectInTheEnd(watching, { 'v2 aborted': 1 })
  }),

  'counts a client that leaves before the model fails as one abort': play(async (stage) => {
    const [started, answer] = [createDeferred(), createDeferred<string>()]
    const watching = await stage.canary()
    const slow = route(({ canary }) =>
      canary.run(
        only(() => {
          started.resolve()
          return answer.promise
        }),
      ),
    )
    const app = await stage.open({ canaries: [{ canary: watching }], routes: [slow] })
    const client = app.open('/predict')
    await stage.within('the model starts', started.promise)
    client.leave()
    await stage.expectSoon(watching, { 'v2 aborted': 1 })
    answer.reject(new Error('cancelled'))
    await app.expectInTheEnd(watching, { 'v2 aborted': 1 })
  }),

  'keeps a request whose route never answers under way until the client leaves': play(async (stage) => {
    const entered = createDeferred()
    const watching = await stage.canary()
    const hung = route(({ canary }) => {
      entered.resolve()
      return canary.run(only(() => new Promise<string>(() => {})))
    })
    const app = await stage.open({ canaries: [{ canary: watching }], routes: [hung] })
    const client = app.open('/predict')
    await stage.within('the request reaches its route', entered.promise)
    deepEqual(countsOf(watching), { 'v2 in flight': 1 })
    client.leave()
    await app.expectInTheEnd(watching, { 'v2 aborted': 1 })
  }),

  'counts a request that only reads its version as aborted when it is closed unanswered': play(async (stage) => {
    const read = createDeferred<AbortSignal>()
    const watching = await stage.canary()
    const hung = route(({ canary }) => {
      read.resolve(canary.signal)
      return new Promise<string>(() => {})
    })
    const app = await stage.open({ canaries: [{ canary: watching }], routes: [hung] })
    const client = app.open('/predict')
    const signal = await stage.within('the route reads the signal', read.promise)
    deepEqual(countsOf(watching), { 'v2 in flight': 1 })
    client.leave()
    await app.expectInTheEnd(watching, { 'v2 aborted': 1 })
    equal(signal.aborted, true)
  }),

  'counts a canary that is touched after the client left as one abort': play(async (stage) => {
    const [entered, touch] = [createDeferred(), createDeferred()]
    const watching = await stage.canary()
    const late = route(async ({ canary }) => {
      entered.resolve()
      await touch.promise
      return canary.version
    })
    const app = await stage.open({ canaries: [{ canary: watching }], routes: [late] })
    const client = app.open('/predict')
    await stage.within('the request reaches its route', entered.promise)
    client.leave()
    await stage.until('the server sees the client leave', () => app.responses[0]?.destroyed === true)
    deepEqual(countsOf(watching), {})
    touch.resolve()
    await app.expectInTheEnd(watching, { 'v2 aborted': 1 })
  }),

  'counts requests that wait for their turn on a socket as aborted when the client leaves': play(async (stage) => {
    const [first, second] = [createDeferred(), createDeferred()]
    const watching = await stage.canary()
    const hung = route(({ canary }) => {
      const entered = countsOf(watching)['v2 in flight'] === undefined ? first : second
      entered.resolve(void canary.version)
      return new Promise<string>(() => {})
    })
    const app = await stage.open({ canaries: [{ canary: watching }], routes: [hung] })
    const client = app.raw('GET /predict HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(2))
    await stage.within('both requests reach their route', Promise.all([first.promise, second.promise]))
    deepEqual(countsOf(watching), { 'v2 in flight': 2 })
    client.leave()
    await stage.expectSoon(watching, { 'v2 aborted': 2 })
  }),

  'counts a response that this side closes unfinished as an error': play(async (stage) => {
    const entered = createDeferred()
    const watching = await stage.canary()
    const hung = route(({ canary }) => {
      entered.resolve(void canary.version)
      return new Promise<string>(() => {})
    })
    const app = await stage.open({ canaries: [{ canary: watching }], routes: [hung] })
    app.open('/predict').response.catch(() => {})
    await stage.within('the request reaches its route', entered.promise)
    app.responses[0]?.socket?.destroy()
    await app.expectInTheEnd(watching, { 'v2 error': 1 })
  }),

  'ends a stream that its route does not send when the response is over': play(async (stage) => {
    const watching = await stage.canary()
    const other = route(({ canary }) => {
      canary.run(
        only(async function* () {
          yield 'never read'
        }),
      )
      return 'something else'
    })
    const app = await stage.open({ canaries: [{ canary: watching }], routes: [other] })
    equal((await app.send('/predict')).body, 'something else')
    await app.expectInTheEnd(watching, { 'v2 aborted': 1 })
  }),

  'waits for a model that is still at work when the response is over': play(async (stage) => {
    const result = createDeferred<string>()
    const watching = await stage.canary()
    const early = route(({ canary }) => {
      canary.run(only(() => result.promise))
      return 'accepted'
    })
    const app = await stage.open({ canaries: [{ canary: watching }], routes: [early] })
    equal((await app.send('/predict')).body, 'accepted')
    await app.expectInTheEnd(watching, { 'v2 in flight': 1 })
    result.resolve('by v2')
    await app.expectInTheEnd(watching, { 'v2 success': 1 })
  }),
})

function route(respond: (exchange: Exchange) => string | Promise<string>): AdapterRoute {
  return { path: '/predict', answer: async (exchange) => ({ body: await respond(exchange) }) }
}
