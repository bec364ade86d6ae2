import { describe, expect, it } from 'vitest'
import { createCanary } from '../canary/create-canary.js'
import { type CanaryMiddlewareOptions, resolveMiddleware } from './middleware-options.js'
import { createRoutes } from './routes/create-routes.js'

const canary = createCanary({ name: 'sentiment', versions: { baseline: 'v1', canary: 'v2' } })

interface Request {
  readonly user: string
}

describe('the options of a middleware', () => {
  it('say how to read the key and the attributes of a request', () => {
    const { routingOf } = resolveMiddleware<Request>('canaryMiddleware', canary, {
      key: ({ user }) => user,
      attributes: ({ user }) => ({ length: user.length }),
    })
    expect(routingOf({ user: 'ann' })).toEqual({ key: 'ann', attributes: { length: 3 } })
  })

  it('may be left out', () => {
    const { routingOf, versionHeader } = resolveMiddleware<Request>('canaryMiddleware', canary)
    expect(routingOf({ user: 'ann' })).toEqual({ key: undefined, attributes: undefined })
    expect(versionHeader).toBe(false)
  })

  it.each([
    [false, false],
    [true, 'x-model-version'],
    ['X-Served-By', 'X-Served-By'],
  ])('write for versionHeader %o the header %o', (versionHeader, header) => {
    expect(resolveMiddleware('canaryMiddleware', canary, { versionHeader }).versionHeader).toBe(header)
  })

  it.each([
    [{ key: 'x-user-id' }, 'INVALID_OPTION'],
    [{ attributes: {} }, 'INVALID_OPTION'],
    [{ versionHeader: '' }, 'INVALID_OPTION'],
    [{ versionHeader: 'two words' }, 'INVALID_OPTION'],
    [{ versionHeader: 'x\r\nset-cookie: a=b' }, 'INVALID_OPTION'],
    [{ versionHeader: 1 }, 'INVALID_OPTION'],
    [{ header: true }, 'UNKNOWN_OPTION'],
    [null, 'INVALID_OPTION'],
  ])('refuse %o', (options, code) => {
    expect(() => resolveMiddleware('canaryMiddleware', canary, options as CanaryMiddlewareOptions<Request>)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining('canaryMiddleware') }),
    )
  })

  it.each([undefined, null, {}, { canary }, () => canary, 'sentiment'])('refuse %o in place of a canary', (given) => {
    const refusal = (where: string) =>
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: expect.stringContaining(`${where}: pass what createCanary returned first: ${where}(canary, `),
      })
    expect(() => resolveMiddleware('canaryMiddleware', given as never)).toThrow(refusal('canaryMiddleware'))
    expect(() => createRoutes(given as never)).toThrow(refusal('canaryRoutes'))
  })
})
