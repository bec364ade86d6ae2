import { deepEqual, equal, ok } from 'node:assert/strict'
import { routesOf, type StatusBody, virtualService } from './object.js'
import type { Play } from './play.js'
import { expectRefusal, objectOf, type Stage } from './stage.js'

/** What holds of the content that a server takes, refuses or leaves out, and of what keeps an object. */
export const admissionRules = (play: Play) => ({
  'answers 404 to a new object in a namespace that is not there': play(async ({ name, path, send, server }) => {
    const body = virtualService(name(), 'networking.istio.io/v1')
    const elsewhere = path().replace(`/namespaces/${server.namespace}/`, `/namespaces/${server.namespace}-not-there/`)
    expectRefusal(await send({ method: 'POST', path: elsewhere, body }), 404, 'NotFound')
  }),
  'leaves out members that it does not know': play(async ({ create, change, read }) => {
    const { name } = (await create()).metadata
    const http = routesOf(name, 20).map((route) => ({ ...route, waight: 1 }))
    await change(name, { spec: { http, hots: [name] }, specs: {} })
    const after = await read(name)
    deepEqual(after.spec, { hosts: [name], http: routesOf(name, 20) })
    ok(!('specs' in after))
  }),
  'answers 422 to a destination without a host': play(async ({ create, patch, read }) => {
    const { name } = (await create()).metadata
    const [route] = routesOf(name, 10)
    const [baseline] = route!.route
    const http = [{ ...route, route: [baseline, { destination: { subset: 'v2' }, weight: 10 }] }]
    const { details } = expectRefusal(await patch(name, { spec: { http } }), 422, 'Invalid')
    ok(
      details?.causes?.some(({ field = '' }) => field.endsWith('destination.host')),
      JSON.stringify(details),
    )
    deepEqual((await read(name)).spec.http, routesOf(name, 10))
  }),
  'takes a weight that is null for none': play(async ({ create, change }) => {
    const { name } = (await create()).metadata
    const [route] = routesOf(name, 0)
    const [baseline, canary] = route!.route
    const after = await change(name, { spec: { http: [{ ...route, route: [baseline, { ...canary, weight: null }] }] } })
    const { weight: _, ...without } = canary!
    deepEqual(after.spec.http, [{ ...route, route: [baseline, without] }])
  }),
  'answers 422 to an annotation that is no string': play(async ({ create, patch, read }) => {
    const { name } = (await create()).metadata
    const { status, body } = await patch(name, { metadata: { annotations: { changed: 5 } } })
    equal(`${status} ${(body as StatusBody).status}`, '422 Failure')
    equal((await read(name)).metadata.annotations?.changed, 'no')
  }),
  'answers 422 to a value of a ConfigMap that is no string': play(async (stage) => {
    const { path, patch } = await configMap(stage, { kept: 'yes' })
    const { status } = await patch({ data: { kept: 5 } })
    equal(status, 422)
    deepEqual((await stage.send({ path })).body, {
      ...((await stage.send({ path })).body as object),
      data: { kept: 'yes' },
    })
  }),
  'answers 422 to a ConfigMap of more than a mebibyte': play(async (stage) => {
    const { patch } = await configMap(stage, { a: 'x'.repeat(524_288) })
    equal((await patch({ data: { b: 'x'.repeat(524_288) } })).status, 200)
    expectRefusal(await patch({ data: { c: 'x' } }), 422, 'Invalid')
  }),
  'answers 422 to a change of a ConfigMap that is immutable': play(async (stage) => {
    const { patch } = await configMap(stage, { kept: 'yes' })
    equal((await patch({ immutable: true })).status, 200)
    expectRefusal(await patch({ data: { kept: 'no' } }), 422, 'Invalid')
    expectRefusal(await patch({ immutable: false }), 422, 'Invalid')
    equal((await patch({ metadata: { labels: { changed: 'yes' } } })).status, 200)
  }),
  'keeps an object with a finalizer until that is taken away': play(async ({ create, change, path, read, send }) => {
    const { name, uid } = (await create()).metadata
    await change(name, { metadata: { finalizers: ['example.com/model-canary-contract'] } })
    try {
      equal((await send({ method: 'DELETE', path: path(name) })).status, 200)
      const dying = await read(name)
      equal(dying.metadata.uid, uid)
      ok(dying.metadata.deletionTimestamp !== undefined)
    } finally {
      await change(name, { metadata: { finalizers: null } })
    }
    expectRefusal(await send({ path: path(name) }), 404, 'NotFound')
  }),
})

/** A ConfigMap of a rule's own. */
async function configMap({ name, send, server }: Stage, data: Readonly<Record<string, string>>) {
  const collection = `/api/v1/namespaces/${server.namespace}/configmaps`
  const metadata = { name: name(collection) }
  objectOf(
    await send({ method: 'POST', path: collection, body: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data } }),
    201,
  )
  const path = `${collection}/${metadata.name}`
  const contentType = 'application/merge-patch+json'
  return { path, patch: (body: object) => send({ method: 'PATCH', path, body, contentType }) }
}
