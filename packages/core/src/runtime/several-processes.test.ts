import { afterEach, describe, expect, it, vi } from 'vitest'
import { signInThisProcess, signOfSeveral } from './several-processes.js'

const alone = { env: {}, isClusterWorker: false, threadId: 0 }
const env = (variables: Record<string, string | undefined>) => signOfSeveral({ ...alone, env: variables })

describe('signOfSeveral', () => {
  it('finds the workers of node:cluster, the later instances of PM2, and pods', () => {
    expect(signOfSeveral({ ...alone, isClusterWorker: true })).toBe('it is a worker of node:cluster')
    expect(env({ NODE_APP_INSTANCE: '3' })).toBe('it is instance 3 of PM2')
    expect(env({ KUBERNETES_SERVICE_HOST: '10.0.0.1' })).toBe('it runs in Kubernetes')
  })

  it('finds the second worker thread and later ones, which an environment of tests makes for a file each', () => {
    expect(signOfSeveral({ ...alone, threadId: 2 })).toBe('it runs in worker thread 2')
    expect(signOfSeveral({ ...alone, threadId: 1 })).toBeUndefined()
    expect(signOfSeveral({ ...alone, threadId: 2, env: { NODE_ENV: 'test' } })).toBeUndefined()
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

  it('asks Node which thread this is', () => {
    vi.stubEnv('NODE_ENV', 'development')
    vi.spyOn(process, 'getBuiltinModule').mockImplementation(
      (name) => (name.includes('worker_threads') ? { threadId: 3 } : {}) as never,
    )
    expect(signInThisProcess()).toBe('it runs in worker thread 3')
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
