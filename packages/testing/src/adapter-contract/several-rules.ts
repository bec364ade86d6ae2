import { deepEqual, equal, throws } from 'node:assert/strict'
import { isCanaryError } from '@model-canary/core'
import { createDeferred } from './patience.js'
import { looking, only, type Play, predicting } from './play.js'
import type { AdapterRoute, AnyRequest } from './setup.js'

const variants = looking((exchange) => exchange.canary.variant)

/** Several middlewares, canaries, routers and requests, which must not be mixed up. */
export const severalRules = (play: Play) => ({
  'counts once when its middleware is mounted twice': play(async ({ canary, open }) => {
    const watching = await canary()
    const app = await open({ canaries: [{ canary: watching }, { canary: watching }], routes: [predicting()] })
    await app.send('/predict')
    await app.expectInTheEnd(watching, { 'v2 success': 1 })
  }),

  'gives the request the innermost of two canaries': play(async ({ canary, open }) => {
    const [outer, inner] = [await canary(() => 'canary'), await canary(() => 'baseline')]
    const app = await open({ canaries: [{ canary: outer }, { canary: inner }], routes: [variants] })
    equal((await app.send('/predict')).body, 'baseline')
    await app.expectInTheEnd(inner, { 'v1 success': 1 })
    await app.expectInTheEnd(outer, {})
  }),

  'finds each of two canaries by canaryOf': play(async ({ canary, open }) => {
    const [outer, inner] = [await canary(() => 'canary'), await canary(() => 'baseline')]
    const both = looking(({ canaryOf }) => [canaryOf(outer).variant, canaryOf(inner).variant])
    const app = await open({ canaries: [{ canary: outer }, { canary: inner }], routes: [both] })
    equal((await app.send('/predict')).body, 'canary,baseline')
    await app.expectInTheEnd(outer, { 'v2 success': 1 })
    await app.expectInTheEnd(inner, { 'v1 success': 1 })
  }),

  'refuses canaryOf for a canary that is not mounted': play(async ({ canary, open }) => {
    const [mounted, other] = [await canary(), await canary()]
    let refusal: unknown
    const lost = looking(({ canaryOf }) => {
      throws(
        () => canaryOf(other),
        (error) => isCanaryError((refusal = error), 'NOT_MOUNTED'),
      )
    })
    const app = await open({ canaries: [{ canary: mounted }], routes: [lost] })
    equal((await app.send('/predict')).status, 200, String(refusal))
    await app.expectInTheEnd(mounted, {})
  }),

  'reaches the routes of a nested router': play(async ({ canary, open }) => {
    const watching = await canary()
    const nested = [{ path: '/models', canaries: [], routes: [predicting()] }]
    const app = await open({ canaries: [{ canary: watching }], nested })
    equal((await app.send('/models/predict')).body, 'by v2')
    await app.expectInTheEnd(watching, { 'v2 success': 1 })
  }),

  'keeps a nested router’s canary from the routes around it': play(async ({ canary, open }) => {
    const [outer, inner] = [await canary(() => 'canary'), await canary(() => 'baseline')]
    const nested = [{ path: '/models', canaries: [{ canary: inner }], routes: [variants] }]
    const app = await open({ canaries: [{ canary: outer }], routes: [variants], nested })
    equal((await app.send('/models/predict')).body, 'baseline')
    equal((await app.send('/predict')).body, 'canary')
    await app.expectInTheEnd(inner, { 'v1 success': 1 })
    await app.expectInTheEnd(outer, { 'v2 success': 1 })
  }),

  'keeps requests apart that are served at the same time': play(async ({ canary, open, within }) => {
    const [bothEntered, leave] = [createDeferred(), createDeferred()]
    const watching = await canary(({ key }) => (key === 'ann' ? 'canary' : 'baseline'))
    let entered = 0
    const slow: AdapterRoute = {
      path: '/predict',
      answer: async ({ canary }) => {
        if ((entered += 1) === 2) bothEntered.resolve()
        await leave.promise
        return { body: await canary.run(only(async () => 'by v2')) }
      },
    }
    const key = ({ headers }: AnyRequest) => headers['x-user-id']?.toString()
    const app = await open({ canaries: [{ canary: watching, options: { key } }], routes: [slow] })
    const users = ['ann', 'bob'].map((user) => app.send('/predict', { headers: { 'x-user-id': user } }))
    await within('both requests reach their route', bothEntered.promise)
    leave.resolve()
    deepEqual(
      (await Promise.all(users)).map(({ body }) => body),
      ['by v2', 'by v1'],
    )
    await app.expectInTheEnd(watching, { 'v2 success': 1, 'v1 success': 1 })
  }),
})
