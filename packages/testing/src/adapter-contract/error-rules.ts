import { deepEqual, equal } from 'node:assert/strict'
import { only, type Play } from './play.js'
import type { AdapterRoute, MountedCanary } from './setup.js'
import type { Stage } from './stage.js'

const error = new Error('the model failed') // one for all, so that its stack tells nothing of who threw it

const fail = (): never => {
  throw error
}

const reject = async (): Promise<never> => fail()

const at = (answer: () => never | Promise<never>): AdapterRoute => ({ path: '/predict', answer })

const running = (model: () => never | Promise<never>): AdapterRoute => ({
  path: '/predict',
  answer: ({ canary }) => canary.run(only(model)) as never,
})

/** The framework's own error handling, which the adapter must not change. */
export const errorRules = (play: Play) => {
  const untouched = (model: () => never | Promise<never>) =>
    play(async (stage) => {
      const watching = await stage.canary()
      const without = await failure(stage, [], at(model))
      const through = await failure(stage, [{ canary: watching }], running(model))
      equal(through.errors.length, 1)
      equal(through.errors[0], error)
      deepEqual(through, without)
    })

  return {
    'leaves a thrown error to the framework, which answers as ever': untouched(fail),
    'leaves a rejection to the framework, which answers as ever': untouched(reject),
  }
}

async function failure({ open }: Stage, canaries: readonly MountedCanary[], route: AdapterRoute) {
  const app = await open({ canaries, routes: [route] })
  const { status, headers, body } = await app.send('/predict')
  return { status, type: headers['content-type'], names: Object.keys(headers).sort(), body, errors: app.errors }
}
