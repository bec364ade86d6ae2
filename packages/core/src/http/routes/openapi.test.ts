import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { sharedMemoryStore } from '../../controller/shared-memory-store.js'
import { stage } from '../../serving/stage.fixture.js'
import { createRoutes } from './create-routes.js'
import type { RouteAnswer } from './route-answer.js'
import type { CanaryRoutesOptions } from './route-options.js'
import { JSON_BODY, type OpenedOptions, opened } from './routes.fixture.js'

interface Document {
  readonly paths: Readonly<Record<string, object>>
}

const prometheus = { render: () => ({ contentType: 'text/plain; version=0.0.4', body: 'figures' }) }
const full = { authorize: () => true, prometheus } as const

/** Returns the description of the routes with these options. */
async function describedBy(options: OpenedOptions): Promise<Document> {
  const answer = await (await opened(options)).ask('GET', '/openapi.json')
  expect(answer).toMatchObject({ status: 200 })
  return JSON.parse(JSON.stringify(answer?.body)) as Document
}

const validators = new WeakMap<Document, Ajv2020>()

/** Returns a validator of the description, in which a member that the description lacks is wrong. */
function validatorOf(document: Document): Ajv2020 {
  const known = validators.get(document)
  if (known !== undefined) return known
  const strict = JSON.parse(JSON.stringify(document), (_, value) =>
    value?.type === 'object' && value.properties && !('additionalProperties' in value)
      ? { ...value, additionalProperties: false }
      : value,
  )
  const ajv = new Ajv2020({ strict: false, allErrors: true }).addSchema(strict, 'api')
  validators.set(document, ajv)
  return ajv
}

/** Returns what is wrong with an answer by the description. */
function flawsIn(answer: RouteAnswer | undefined, document: Document, path: string, method: 'get' | 'post') {
  const type = (answer?.contentType ?? 'application/json').split(';', 1)[0]!
  const place = ['paths', path, method, 'responses', String(answer?.status), 'content', type, 'schema']
  const validate = validatorOf(document).getSchema(`api#/${place.map(pointed).join('/')}`)
  if (validate === undefined) return `${method} ${path} describes no ${answer?.status} of ${type}`
  return validate(JSON.parse(JSON.stringify(answer?.body))) ? undefined : validate.errors
}

/** Returns a name as a JSON pointer in a URL has it. */
const pointed = (name: string): string => encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'))

describe('the description', () => {
  it.each<[string, OpenedOptions]>([
    ['everything', full],
    ['reading alone', {}],
    ['reading with credentials', { ...full, authorizeReads: true }],
  ])('is valid OpenAPI 3.1, of %s', async (_, options) => {
    const document = await describedBy(options)
    const { valid, errors } = await new Validator().validate(document as never)
    expect(errors).toBe(undefined)
    expect(valid).toBe(true)
  })

  it('names the routes that exist, and no others', async () => {
    const others = [(await stage({ name: 'a b' })).canary]
    expect(Object.keys((await describedBy({})).paths).sort()).toEqual([
      '/events',
      '/explain',
      '/history',
      '/metrics',
      '/openapi.json',
      '/points',
      '/rights',
      '/rollouts',
      '/status',
    ])
    const several = Object.keys((await describedBy({ ...full, others })).paths)
    expect(several).toContain('/a%20b/promote')
    expect(several).toContain('/metrics.prom')
    expect(several).toHaveLength(2 * 14 + 3)
    const { ask } = await opened({ ...full, others })
    for (const path of several) {
      const [read, sent] = [await ask('GET', path), await ask('POST', path, {})]
      expect([path, (read ?? sent) !== undefined]).toEqual([path, true])
    }
  })
})

describe('every answer is as described', () => {
  const READS = [
    'status',
    'explain',
    'history',
    'metrics',
    'points',
    'openapi.json',
    'rights',
    'rollouts',
    'metrics.prom',
    'history?limit=0',
    'metrics?window=x',
    'metrics?scope=fleet',
  ]

  it.each<[state: string, act: (canary: Awaited<ReturnType<typeof opened>>) => Promise<unknown>]>([
    ['at the beginning', async () => {}],
    [
      'after failures',
      async ({ canary, clock }) => {
        const fail = () => Promise.reject(new Error('no'))
        await canary
          .wrap({ baseline: fail, canary: fail })()
          .catch(() => {})
        canary.track({ variant: 'canary', reason: 'split', epoch: 1, step: 1, bucket: 7 }, { clicks: 1 })
        for (let call = 0; call < 300; call += 1)
          canary.record({
            variant: call % 2 ? 'canary' : 'baseline',
            durationMs: 5,
            outcome: 'success',
            prediction: 'a',
            score: 0.5,
          })
        for (let look = 0; look < 10; look += 1) await clock.advance(15_000)
      },
    ],
    ['paused', ({ canary }) => canary.pause({ idempotencyKey: 'a' })],
    ['switched off', ({ canary }) => canary.disable()],
    ['rolled back', ({ canary }) => canary.rollback({ reason: 'no' })],
    ['promoted', ({ canary }) => canary.promote({ full: true })],
  ])('%s', async (_, act) => {
    const staged = await opened(full)
    await act(staged)
    const document = await describedBy(full)
    for (const path of READS) {
      const answer = await staged.ask('GET', `/${path}`)
      expect([path, flawsIn(answer, document, `/${path.split('?')[0]}`, 'get')]).toEqual([path, undefined])
    }
    for (const verb of ['pause', 'resume', 'promote', 'enable', 'retry', 'disable', 'rollback']) {
      const { step, epoch } = staged.canary.status()
      for (const body of [
        undefined,
        { expectedStep: { step, epoch } },
        { expectedStep: { step: 0, epoch: 9 } },
        { x: 1 },
        'x',
      ])
        expect([verb, body, flawsIn(await staged.ask('POST', `/${verb}`, body), document, `/${verb}`, 'post')]).toEqual(
          [verb, body, undefined],
        )
      for (const headers of [
        {},
        { 'content-type': 'text/plain' },
        { 'sec-fetch-site': 'cross-site' },
        { ...JSON_BODY, 'idempotency-key': '' },
      ])
        expect(flawsIn(await staged.ask('POST', `/${verb}`, {}, headers), document, `/${verb}`, 'post')).toBe(undefined)
    }
  })

  it('to those who may not see it, and where the rollout is shared', async () => {
    const options: CanaryRoutesOptions<string> = { authorize: () => false, authorizeReads: true }
    const { canary } = await stage({ store: sharedMemoryStore() })
    const routes = createRoutes<string>(canary, options)
    const open = createRoutes<string>(canary)
    const document = await describedBy({ authorize: () => true, authorizeReads: true })
    const asked = { query: new URLSearchParams('scope=fleet'), request: '', body: async () => undefined }
    for (const headers of [{}, { cookie: 'a=b' }])
      for (const path of ['/status', '/metrics', '/events', '/openapi.json'])
        expect(flawsIn(await routes({ ...asked, headers, method: 'GET', path }), document, path, 'get')).toBe(undefined)
    for (const path of ['/status', '/metrics'])
      expect(flawsIn(await open({ ...asked, headers: {}, method: 'GET', path }), document, path, 'get')).toBe(undefined)
    await canary.close()
  })
})
