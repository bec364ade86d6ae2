import { expect, it } from 'vitest'
import { createCanary } from './create-canary.js'

it('run without a function throws with what it takes, and counts no call', () => {
  const canary = createCanary({ name: 'sentiment', versions: { baseline: 'v1', canary: 'v2' }, logger: false })
  const models = { baseline: async () => 'a', canary: async () => 'b' }
  // as with `req.canary.run(models, input)`, which is another function
  expect(() => canary.run(models as never, 'good' as never)).toThrow(
    expect.objectContaining({
      code: 'MISSING_HANDLER',
      message: expect.stringContaining('run takes (request, (flight) => output); for two models call wrap'),
    }),
  )
  expect(canary.metrics().v1).toMatchObject({ requestCount: 0, inFlight: 0 })
})
