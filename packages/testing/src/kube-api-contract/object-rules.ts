import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict'
import { routesOf, type StatusBody, virtualService } from './object.js'
import type { Play } from './play.js'
import { expectRefusal, objectOf } from './stage.js'

/** What holds of objects that are made, read, replaced and removed. */
export const objectRules = (play: Play) => ({
  'answers 401 with a Status to a token that it does not know': play(async ({ server, path, send }) => {
    if (server.token === undefined) return // it does not go by tokens
    expectRefusal(await send({ path: path(), token: `${server.token}-not` }), 401, 'Unauthorized')
  }),
  'answers 404 with a Status to an object that is not there': play(async ({ name, path, send }) => {
    const absent = name()
    const status = expectRefusal(await send({ path: path(absent) }), 404, 'NotFound')
    equal(status.details?.name, absent)
  }),
  'answers 404 to a resource that it does not serve': play(async ({ path, send }) => {
    const { status } = await send({ path: path().replace('virtualservices', 'virtualnonsense') })
    equal(status, 404)
  }),
  'gives a new object its uid, generation and resourceVersion, and answers 201': play(
    async ({ create, read, server }) => {
      const { apiVersion, kind, metadata, spec } = await create()
      equal(`${kind} of ${apiVersion}`, 'VirtualService of networking.istio.io/v1')
      match(metadata.uid, /./)
      match(metadata.resourceVersion, /./)
      equal(metadata.generation, 1)
      equal(metadata.namespace, server.namespace)
      deepEqual(spec, { hosts: [metadata.name], http: routesOf(metadata.name, 10) })
      deepEqual((await read(metadata.name)).metadata, metadata)
    },
  ),
  'answers as application/json': play(async ({ path, send }) => {
    match((await send({ path: path() })).contentType, /^application\/json/)
  }),
  'answers 409 AlreadyExists to a second object of the same name': play(async ({ create, path, send }) => {
    const { metadata } = await create()
    const body = virtualService(metadata.name, 'networking.istio.io/v1')
    expectRefusal(await send({ method: 'POST', path: path(), body }), 409, 'AlreadyExists')
  }),
  'answers 422 to a name that is no DNS name': play(async ({ path, send }) => {
    const body = virtualService('Not_a_name', 'networking.istio.io/v1')
    const { details } = expectRefusal(await send({ method: 'POST', path: path(), body }), 422, 'Invalid')
    ok(details?.causes?.some(({ field }) => field === 'metadata.name'))
  }),
  'answers 400 to a body that is not JSON': play(async ({ path, send }) => {
    expectRefusal(await send({ method: 'POST', path: path(), body: '{"apiVersion":' }), 400, 'BadRequest')
  }),
  'serves the same object under every version of its group': play(async ({ create, path, send }) => {
    const made = await create()
    const older = objectOf(await send({ path: path(made.metadata.name, 'v1beta1') }))
    equal(older.apiVersion, 'networking.istio.io/v1beta1')
    equal(older.metadata.uid, made.metadata.uid)
    deepEqual(older.spec, made.spec)
  }),
  'lists the one object that a fieldSelector names': play(async ({ create, name, path, send }) => {
    const { metadata } = await create()
    await create()
    const listed = async (wanted: string) => {
      const { body } = await send({ path: `${path()}?fieldSelector=metadata.name%3D${wanted}` })
      const { kind, items, metadata } = body as ListBody
      match(metadata.resourceVersion, /./)
      return `${kind}: ${items.map((item) => item.metadata.name)}`
    }
    equal(await listed(metadata.name), `VirtualServiceList: ${metadata.name}`)
    equal(await listed(name()), 'VirtualServiceList: ')
  }),
  'replaces an object by a PUT with its resourceVersion': play(async ({ create, read, path, send }) => {
    const made = await create()
    const { name, uid, resourceVersion } = made.metadata
    const body = { ...made, spec: { ...made.spec, http: routesOf(name, 25) } }
    const replaced = objectOf(await send({ method: 'PUT', path: path(name), body }))
    notEqual(replaced.metadata.resourceVersion, resourceVersion)
    equal(replaced.metadata.uid, uid)
    deepEqual((await read(name)).spec.http, routesOf(name, 25))
  }),
  'answers 409 Conflict to a PUT with a stale resourceVersion': play(async ({ create, change, path, send }) => {
    const made = await create()
    const { name } = made.metadata
    await change(name, { metadata: { annotations: { changed: 'yes' } } })
    expectRefusal(await send({ method: 'PUT', path: path(name), body: made }), 409, 'Conflict')
  }),
  'answers 422 to a PUT of a custom resource without a resourceVersion': play(async ({ create, path, send }) => {
    const { name } = (await create()).metadata
    const body = virtualService(name, 'networking.istio.io/v1')
    expectRefusal(await send({ method: 'PUT', path: path(name), body }), 422, 'Invalid')
  }),
  'answers 400 to a PUT whose name is not that of its path': play(async ({ create, name, path, send }) => {
    const made = await create()
    const body = { ...made, metadata: { ...made.metadata, name: name() } }
    expectRefusal(await send({ method: 'PUT', path: path(made.metadata.name), body }), 400, 'BadRequest')
  }),
  'forgets an object that is deleted': play(async ({ create, remove, path, send }) => {
    const { name } = (await create()).metadata
    await remove(name)
    expectRefusal(await send({ path: path(name) }), 404, 'NotFound')
    expectRefusal(await send({ method: 'DELETE', path: path(name) }), 404, 'NotFound')
  }),
  'answers 409 to a DELETE on condition of another uid': play(async ({ create, read, path, send }) => {
    const { name, uid } = (await create()).metadata
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid: `${uid.slice(0, -1)}-` } }
    const { status, body: answer } = await send({ method: 'DELETE', path: path(name), body })
    equal(`${status} ${(answer as StatusBody).reason}`, '409 Conflict')
    equal((await read(name)).metadata.uid, uid)
  }),
})

interface ListBody {
  readonly kind: string
  readonly metadata: { readonly resourceVersion: string }
  readonly items: readonly { readonly metadata: { readonly name: string } }[]
}
