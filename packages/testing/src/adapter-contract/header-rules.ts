import { equal } from 'node:assert/strict'
import { HEALTH, looking, type Play, predicting } from './play.js'
import type { AdapterRoute } from './setup.js'

const HEADER = 'x-model-version'

const failing = (): string => {
  throw new Error('the canary failed')
}

/** The response header that names the version that answered. */
export const headerRules = (play: Play) => {
  const named = (route: AdapterRoute, version: string, outcome: string) =>
    play(async ({ canary, open }) => {
      const watching = await canary()
      const app = await open({ canaries: [{ canary: watching, options: { versionHeader: true } }], routes: [route] })
      const { status, headers } = await app.send('/predict')
      equal(status, 200)
      equal(headers[HEADER], version)
      await app.expectInTheEnd(watching, { [`v2 ${outcome}`]: 1 })
    })

  const rescued = (canaryModel: () => string | Promise<string>): AdapterRoute => ({
    path: '/predict',
    answer: async ({ canary }) => ({
      body: await canary.run({ baseline: () => 'by v1', canary: canaryModel, fallback: true }),
    }),
  })

  return {
    'names the version that ran in a header': named(predicting(), 'v2', 'success'),
    'names the version that was only read in a header': named(
      looking(({ canary }) => canary.variant),
      'v2',
      'success',
    ),
    'names the baseline in the header when it answered for a canary that threw': named(rescued(failing), 'v1', 'error'),
    'names the baseline in the header when it answered for a canary that rejected': named(
      rescued(async () => failing()),
      'v1',
      'error',
    ),

    'writes the header that it is told to': play(async ({ canary, open }) => {
      const options = { versionHeader: 'x-answered-by' }
      const app = await open({ canaries: [{ canary: await canary(), options }], routes: [predicting()] })
      const { headers } = await app.send('/predict')
      equal(headers['x-answered-by'], 'v2')
      equal(headers[HEADER], undefined)
    }),

    'writes no header unless it is told to': play(async ({ canary, open }) => {
      const app = await open({ canaries: [{ canary: await canary() }], routes: [predicting()] })
      equal((await app.send('/predict')).headers[HEADER], undefined)
    }),

    'writes no header for a request that is none of the model’s': play(async ({ canary, open }) => {
      const options = { versionHeader: true }
      const app = await open({ canaries: [{ canary: await canary(), options }], routes: [HEALTH] })
      equal((await app.send('/health')).headers[HEADER], undefined)
    }),
  }
}
