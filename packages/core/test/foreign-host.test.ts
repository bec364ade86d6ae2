import { afterEach, expect, it, vi } from 'vitest'

afterEach(() => {
  vi.unstubAllGlobals()
})

/** Globals that a test environment such as jest's jsdom does not have, or has only while a test runs. */
const MISSING = ['TextEncoder', 'TextDecoder', 'ReadableStream', 'structuredClone', 'fetch', 'Response']
const LATER = ['AbortController', 'AbortSignal', 'performance']

it('loads and serves without the globals of Node, and if a timer is a number', async () => {
  for (const name of [...MISSING, ...LATER]) vi.stubGlobal(name, undefined)
  vi.resetModules()
  const { createCanary, linearPlan, stickyStrategy } = await import('../src/index.js')
  const { createBucketer } = await import('../src/index.js')
  const { webhook } = await import('../src/webhook.js')
  vi.unstubAllGlobals()
  for (const name of MISSING) vi.stubGlobal(name, undefined)
  const timers: NodeJS.Timeout[] = []
  vi.stubGlobal('setTimeout', (task: () => void, delayMs: number) => {
    return timers.push(realSetTimeout(task, delayMs))
  })
  vi.stubGlobal('clearTimeout', (id: number) => realClearTimeout(timers[id - 1]))

  const canary = createCanary({
    name: 'jsdom',
    versions: { baseline: 'v1', canary: 'v2' },
    strategy: stickyStrategy({ salt: 'größe' }),
    plan: linearPlan([50, 100]),
    warmUp: { durationMs: 0 },
  })
  const predict = canary.wrap(
    { baseline: async (user: string) => ({ a: user.length }), canary: async (user: string) => ({ a: user.length }) },
    { key: (user) => user, fallback: true, timeoutMs: 5_000 },
  )
  expect(await predict('ann')).toEqual({ a: 3 })
  await canary.start()
  expect(await predict('Zoë')).toEqual({ a: 3 })
  expect(canary.status().state).toBe('warming')
  expect(canary.status().internalErrors).toEqual({})
  await canary.close()

  const bucketOf = await createBucketer()
  expect(bucketOf('a', 'größe')).toBe(4483)

  vi.unstubAllGlobals() // Node's own Headers need a TextEncoder
  vi.stubGlobal(
    'URL',
    class extends URL {
      static override canParse = undefined as never
    },
  )
  expect(() => webhook({ url: 'http://127.0.0.1/' })).not.toThrow()
})

const realSetTimeout = globalThis.setTimeout
const realClearTimeout = globalThis.clearTimeout
