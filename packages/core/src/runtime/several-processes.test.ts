import { afterEach, describe, expect, it, vi } from 'vitest'
import { signInThisProcess, signOfSeveral } from './several-processes.js'

const env = (variables: Record<string, string | undefined>) => signOfSeveral({ env: variables, isClusterWorker: false })

describe('signOfSeveral', () => {
  it('finds the workers of node:cluster, the later instances of PM2, and pods', () => {
    expect(signOfSeveral({ env: {}, isClusterWorker: true })).toBe('it is a worker of node:cluster')
    expect(env({ NODE_APP_INSTANCE: '3' })).toBe('it is instance 3 of PM2')
    expect(env({ KUBERNETES_SERVICE_HOST: '10.0.0.1' })).toBe('it runs in Kubernetes')
  })

  it.each([
    ['an empty environment', {}],
    ['the first instance of PM2, which may be alone', { NODE_APP_INSTANCE: '0' }],
    ['an instance that is not a number', { NODE_APP_INSTANCE: 'blue' }],
    ['a variable without a value', { KUBERNETES_SERVICE_HOST: '' }],
    ['a number that hosts set for every program', { WEB_CONCURRENCY: '4' }],
  ])('finds nothing in %s', (_, variables) => {
    expect(env(variables)).toBeUndefined()
  })
})

describe('signInThisProcess', () => {
  afterEach(() => void vi.restoreAllMocks().unstubAllEnvs().unstubAllGlobals())

  it('reads the environment of this process', () => {
    vi.stubEnv('KUBERNETES_SERVICE_HOST', '')
    vi.stubEnv('NODE_APP_INSTANCE', '')
    expect(signInThisProcess()).toBeUndefined()
    vi.stubEnv('NODE_APP_INSTANCE', '2')
    expect(signInThisProcess()).toBe('it is instance 2 of PM2')
  })

  it('asks Node whether this is a worker of node:cluster', () => {
    vi.spyOn(process, 'getBuiltinModule').mockReturnValue({ isWorker: true } as never)
    expect(signInThisProcess()).toBe('it is a worker of node:cluster')
  })

  it('works in a Node without getBuiltinModule', () => {
    vi.stubGlobal('process', { env: { NODE_APP_INSTANCE: '2' } })
    expect(signInThisProcess()).toBe('it is instance 2 of PM2')
  })

  it.each([
    ['without process', undefined],
    [
      'that does not let it read the environment',
      {
        get env() {
          throw new Error('no permission')
        },
      },
    ],
  ])('finds nothing, and does not throw, in a runtime %s', (_, host) => {
    vi.stubGlobal('process', host)
    expect(signInThisProcess()).toBeUndefined()
  })
})
