import { deepEqual, equal, rejects } from 'node:assert/strict'
import { isCanaryError } from '@model-canary/core'
import { looking, type Play } from './play.js'
import type { AnyRequest } from './setup.js'

const all = looking(({ canary }) => [canary.variant, canary.version, canary.assignment.version])

/** Which key a request is routed by. */
export const keyRules = (play: Play) => ({
  'routes by the key and the attributes of the request': play(async ({ canary, open }) => {
    const asked: unknown[] = []
    const watching = await canary(({ key, attributes }) => {
      asked.push({ key, attributes })
      return key === 'ann' ? 'canary' : 'baseline'
    })
    const options = {
      key: ({ headers }: AnyRequest) => headers['x-user-id']?.toString(),
      attributes: ({ headers }: AnyRequest) => ({ country: headers['x-country'] }),
    }
    const app = await open({ canaries: [{ canary: watching, options }], routes: [all] })
    const headers = { 'x-user-id': 'ann', 'x-country': 'ch' }
    equal((await app.send('/predict', { headers })).body, 'canary,v2,v2')
    equal((await app.send('/predict')).body, 'baseline,v1,v1')
    deepEqual(asked, [
      { key: 'ann', attributes: { country: 'ch' } },
      { key: undefined, attributes: { country: undefined } },
    ])
    await app.expectInTheEnd(watching, { 'v2 success': 1, 'v1 success': 1 })
  }),

  'reads the key once, from the framework’s own request': play(async ({ canary, open }) => {
    const asked: unknown[] = []
    const carriers: unknown[] = []
    const watching = await canary()
    const key = (request: AnyRequest) => {
      asked.push(request)
      return 'ann'
    }
    const noting = looking(({ request, canary }) => {
      carriers.push(request)
      return [canary.variant, canary.version, canary.record({})]
    })
    const app = await open({ canaries: [{ canary: watching, options: { key } }], routes: [noting] })
    await app.send('/predict')
    await app.expectInTheEnd(watching, { 'v2 success': 1 })
    equal(asked.length, 1)
    equal(asked[0], carriers[0])
  }),

  'routes a request whose key cannot be read as one without a key, and says so': play(async (stage) => {
    const keys: unknown[] = []
    const watching = await stage.canary(({ key }) => {
      keys.push(key)
      return 'canary'
    })
    const key = () => {
      throw new Error('no such header')
    }
    const app = await stage.open({ canaries: [{ canary: watching, options: { key } }], routes: [all] })
    equal((await app.send('/predict')).status, 200)
    await app.expectInTheEnd(watching, { 'v2 success': 1 })
    deepEqual(keys, [undefined])
    deepEqual(stage.internalErrors, ['KEY_FAILED'])
  }),

  'refuses an option that it does not know': play(async ({ canary, open }) => {
    const watching = await canary()
    const options = { kye: () => 'ann' } as object
    await rejects(open({ canaries: [{ canary: watching, options }] }), (error) =>
      isCanaryError(error, 'UNKNOWN_OPTION'),
    )
  }),
})
