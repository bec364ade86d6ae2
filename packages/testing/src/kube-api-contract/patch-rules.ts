import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'
import { routesOf } from './object.js'
import type { Play } from './play.js'
import { expectRefusal } from './stage.js'

/** The rules of a merge patch, and of every patch. */
export const patchRules = (play: Play) => ({
  'keeps siblings outside of a merge patch': play(async ({ create, change, read }) => {
    const { metadata, spec } = await create()
    await change(metadata.name, { metadata: { annotations: { changed: 'yes' } } })
    const after = await read(metadata.name)
    deepEqual(after.metadata.annotations, { kept: 'yes', changed: 'yes' })
    deepEqual(after.spec, spec)
  }),
  'removes a member that a merge patch sets to null': play(async ({ create, change, read }) => {
    const { name } = (await create()).metadata
    await change(name, { metadata: { annotations: { changed: null } } })
    deepEqual((await read(name)).metadata.annotations, { kept: 'yes' })
  }),
  'replaces the lists of a merge patch as a whole': play(async ({ create, change, read }) => {
    const { name } = (await create()).metadata
    const [route] = routesOf(name, 50)
    const renamed = [{ ...route, name: 'other' }]
    await change(name, { spec: { http: renamed } })
    const { spec } = await read(name)
    deepEqual(spec, { hosts: [name], http: renamed })
  }),
  'takes a merge patch with the current resourceVersion, and gives the object another': play(
    async ({ create, change }) => {
      const { name, resourceVersion, uid } = (await create()).metadata
      const after = await change(name, { metadata: { resourceVersion, annotations: { changed: 'yes' } } })
      notEqual(after.metadata.resourceVersion, resourceVersion)
      equal(after.metadata.uid, uid)
      equal(after.metadata.annotations?.changed, 'yes')
    },
  ),
  'answers 409 to a merge patch with a stale resourceVersion': play(async ({ create, change, patch, read }) => {
    const { name, resourceVersion } = (await create()).metadata
    await change(name, { metadata: { annotations: { changed: 'by another' } } })
    const late = { metadata: { resourceVersion, annotations: { changed: 'late' } } }
    expectRefusal(await patch(name, late), 409, 'Conflict')
    equal((await read(name)).metadata.annotations?.changed, 'by another')
  }),
  'lets one of two writers with the same resourceVersion through': play(async ({ create, patch, read }) => {
    const { name, resourceVersion } = (await create()).metadata
    const writing = (who: string) => patch(name, { metadata: { resourceVersion, annotations: { changed: who } } })
    const answers = await Promise.all([writing('first'), writing('second')])
    deepEqual(answers.map(({ status }) => status).sort(), [200, 409])
    const winner = answers[0]?.status === 200 ? 'first' : 'second'
    equal((await read(name)).metadata.annotations?.changed, winner)
  }),
  'leaves the resourceVersion alone where a patch changes nothing': play(async ({ create, change, read }) => {
    const { name, resourceVersion } = (await create()).metadata
    const after = await change(name, { metadata: { annotations: { kept: 'yes' } } })
    equal(after.metadata.resourceVersion, resourceVersion)
    equal((await read(name)).metadata.resourceVersion, resourceVersion)
  }),
  'raises the generation with the spec, and not with an annotation': play(async ({ create, change }) => {
    const { name } = (await create()).metadata
    const annotated = await change(name, { metadata: { annotations: { changed: 'yes' } } })
    equal(annotated.metadata.generation, 1)
    const shifted = await change(name, { spec: { http: routesOf(name, 20) } })
    equal(shifted.metadata.generation, 2)
  }),
  'refuses a merge patch that renames an object': play(async ({ create, name, patch, read }) => {
    const made = await create()
    const { status } = await patch(made.metadata.name, { metadata: { name: name() } })
    ok(status === 400 || status === 422, `the server answered ${status}`)
    equal((await read(made.metadata.name)).metadata.resourceVersion, made.metadata.resourceVersion)
  }),
  'refuses a merge patch that moves an object to another namespace': play(async ({ create, patch, server }) => {
    const { name } = (await create()).metadata
    const { status } = await patch(name, { metadata: { namespace: `${server.namespace}-2` } })
    ok(status === 400 || status === 422, `the server answered ${status}`)
  }),
  'answers 404 to a patch of an object that is not there': play(async ({ name, patch }) => {
    expectRefusal(await patch(name(), { metadata: { annotations: { changed: 'yes' } } }), 404, 'NotFound')
  }),
  'answers 422 to a weight that is a string, and names the field': play(async ({ create, patch, read }) => {
    const { name } = (await create()).metadata
    const [route] = routesOf(name, 10)
    const [baseline, canary] = route!.route
    const http = [{ ...route, route: [baseline, { ...canary, weight: '10' }] }]
    const { details } = expectRefusal(await patch(name, { spec: { http } }), 422, 'Invalid')
    ok(
      details?.causes?.some(({ field = '' }) => /^spec\.http(\[0\])?\.route(\[1\])?\.weight$/.test(field)), // servers differ
      JSON.stringify(details),
    )
    deepEqual((await read(name)).spec.http, routesOf(name, 10))
  }),
  'answers 415 to a strategic merge patch on a custom resource': play(async ({ create, patch }) => {
    const { name } = (await create()).metadata
    const answer = await patch(name, { metadata: { annotations: { changed: 'yes' } } }, 'strategic-merge-patch')
    expectRefusal(answer, 415, 'UnsupportedMediaType')
  }),
  'answers 415 to a patch that is plain JSON': play(async ({ create, path, send }) => {
    const { name } = (await create()).metadata
    const body = { metadata: { annotations: { changed: 'yes' } } }
    const answer = await send({ method: 'PATCH', path: path(name), body, contentType: 'application/json' })
    expectRefusal(answer, 415, 'UnsupportedMediaType')
  }),
})
