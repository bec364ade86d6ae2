import { deepEqual, equal, ok } from 'node:assert/strict'
import { oneSocket } from './client.js'
import { looking, only, type Play, predicting } from './play.js'
import type { AdapterRoute } from './setup.js'

const failing = (): never => {
  throw new Error('the model failed')
}

/** One observation per flight, taken around the model call. */
export const outcomeRules = (play: Play) => {
  /** A rule with one request to one route, and the expected counts. */
  const one = (route: AdapterRoute, status: number, outcome: string, method = 'GET') =>
    play(async ({ canary, open }) => {
      const watching = await canary()
      const app = await open({ canaries: [{ canary: watching }], routes: [route] })
      equal((await app.send('/predict', { method })).status, status)
      await app.expectInTheEnd(watching, { [`v2 ${outcome}`]: 1 })
    })

  return {
    'counts a model that answers as one success': one(predicting(), 200, 'success'),
    'counts a model that answers by a promise as one success': one(
      predicting(async () => 'by v2'),
      200,
      'success',
    ),
    'counts a model that throws as one error': one(predicting(failing), 500, 'error'),
    'counts a model that throws in a route that is not async as one error': one(
      looking(({ canary }) => canary.run(only(failing))),
      500,
      'error',
    ),
    'counts a model that rejects as one error': one(
      predicting(async () => failing()),
      500,
      'error',
    ),
    'counts a run as a success when the response is a 404': one(predicting(undefined, 404), 404, 'success'),
    'counts a run as a success when the response is a 503': one(predicting(undefined, 503), 503, 'success'),
    'counts a HEAD like a GET': one(predicting(), 200, 'success', 'HEAD'),

    'counts a request that only reads its version as a success when it is answered': one(
      looking(({ canary }) => canary.version),
      200,
      'success',
    ),
    'counts a request that only reads its version as rejected when it answers 422': one(
      looking(({ canary }) => canary.version, 422),
      422,
      'rejected',
    ),
    'counts a request that only reads its version as an error when it answers 404': one(
      looking(({ canary }) => canary.version, 404),
      404,
      'error',
    ),
    'counts a request that only reads its version as an error when it answers 503': one(
      looking(({ canary }) => canary.version, 503),
      503,
      'error',
    ),
    'counts a request that only reads its version as an error when its route throws': one(
      looking(({ canary }) => (canary.version === 'v2' ? failing() : '')),
      500,
      'error',
    ),
    'takes what record says over what the response says': one(
      looking(({ canary }) => canary.record({ outcome: 'timeout' })),
      200,
      'timeout',
    ),

    'books the prediction that record describes': play(async ({ canary, open }) => {
      const watching = await canary()
      const describe = looking(({ canary }) => canary.record({ prediction: 'positive', score: 0.5 }))
      const app = await open({ canaries: [{ canary: watching }], routes: [describe] })
      await app.send('/predict')
      await app.expectInTheEnd(watching, { 'v2 success': 1 })
      const { v2 } = watching.metrics()
      deepEqual({ ...v2?.predictionDistribution }, { positive: 1 })
      equal(v2?.score.mean, 0.5)
    }),

    'counts each of the requests on one socket': play(async ({ canary, open }) => {
      const watching = await canary()
      const app = await open({ canaries: [{ canary: watching }], routes: [predicting()] })
      const agent = oneSocket()
      for (let request = 0; request < 3; request += 1) await app.send('/predict', { agent })
      agent.destroy()
      equal(app.sockets.length, 1)
      await app.expectInTheEnd(watching, { 'v2 success': 3 })
    }),

    'counts each of the requests that one packet brings': play(async ({ canary, open }) => {
      const watching = await canary()
      const app = await open({ canaries: [{ canary: watching }], routes: [predicting()] })
      const get = (connection: string) =>
        `GET /predict HTTP/1.1\r\nhost: localhost\r\nconnection: ${connection}\r\n\r\n`
      const answers = await app.raw(get('keep-alive') + get('close')).answer
      equal(answers.match(/by v2/g)?.length, 2)
      equal(app.sockets.length, 1)
      await app.expectInTheEnd(watching, { 'v2 success': 2 })
    }),

    'counts two runs in one request as two flights of the same variant': play(async ({ canary, open }) => {
      let picks = 0
      const watching = await canary(() => (picks++ === 0 ? 'canary' : 'baseline'))
      const twice = looking(({ canary }) => [canary.run(only(() => 'by v2')), canary.run(only(() => 'by v2'))])
      const app = await open({ canaries: [{ canary: watching }], routes: [twice] })
      equal((await app.send('/predict')).body, 'by v2,by v2')
      equal(picks, 1)
      await app.expectInTheEnd(watching, { 'v2 success': 2 })
    }),

    'goes on serving after the canary was closed': play(async ({ canary, open }) => {
      const watching = await canary()
      const app = await open({ canaries: [{ canary: watching }], routes: [predicting()] })
      await watching.close()
      const { status, body } = await app.send('/predict')
      equal(status, 200)
      ok(/^by v[12]$/.test(body), `answered ${body}`)
    }),
  }
}
