import { deepEqual, equal } from 'node:assert/strict'
import { routesOf } from './object.js'
import type { Play } from './play.js'
import { expectRefusal } from './stage.js'

const WEIGHTS = '/spec/http/0/route'

/** What holds of a JSON patch. */
export const jsonPatchRules = (play: Play) => ({
  'carries out the operations of a json-patch in order': play(async ({ create, change, read }) => {
    const { name } = (await create()).metadata
    const operations = [
      { op: 'test', path: `${WEIGHTS}/1/weight`, value: 10 },
      { op: 'replace', path: `${WEIGHTS}/0/weight`, value: 70 },
      { op: 'replace', path: `${WEIGHTS}/1/weight`, value: 30 },
      { op: 'add', path: '/metadata/annotations/a~1b', value: 'new' },
      { op: 'copy', from: '/metadata/annotations/kept', path: '/metadata/annotations/copied' },
      { op: 'move', from: '/metadata/annotations/changed', path: '/metadata/annotations/moved' },
      { op: 'remove', path: '/metadata/annotations/kept' },
    ]
    await change(name, operations, 'json-patch')
    const { metadata, spec } = await read(name)
    deepEqual(spec.http, routesOf(name, 30))
    deepEqual(metadata.annotations, { 'a/b': 'new', copied: 'yes', moved: 'no' })
  }),
  'answers 422 to a failed json-patch test, and does nothing of it': play(async ({ create, patch, read }) => {
    const made = await create()
    const { name, resourceVersion } = made.metadata
    const operations = [
      { op: 'replace', path: '/metadata/annotations/changed', value: 'yes' },
      { op: 'test', path: `${WEIGHTS}/1/weight`, value: 11 },
    ]
    expectRefusal(await patch(name, operations, 'json-patch'), 422, 'Invalid')
    equal((await read(name)).metadata.resourceVersion, resourceVersion)
  }),
  'answers 422 to a json-patch of a place that is not there': play(async ({ create, patch }) => {
    const { name } = (await create()).metadata
    for (const op of ['replace', 'remove', 'add']) {
      const operation = { op, path: '/spec/http/7/name', value: 'nowhere' }
      expectRefusal(await patch(name, [operation], 'json-patch'), 422, 'Invalid')
    }
  }),
  'answers 409 to a json-patch that writes a stale resourceVersion': play(async ({ create, change, patch }) => {
    const { name, resourceVersion } = (await create()).metadata
    await change(name, { metadata: { annotations: { changed: 'by another' } } })
    const operation = { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion }
    expectRefusal(await patch(name, [operation], 'json-patch'), 409, 'Conflict')
  }),
  'answers 400 to a json-patch that is no list': play(async ({ create, patch }) => {
    const { name } = (await create()).metadata
    expectRefusal(await patch(name, { op: 'remove', path: '/spec' }, 'json-patch'), 400, 'BadRequest')
  }),
})
