import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'
import type { Events } from './events.js'
import { routesOf } from './object.js'
import type { Play } from './play.js'

/** What holds of a watch. */
export const watchRules = (play: Play) => ({
  'begins a watch without a resourceVersion with what is there': play(async ({ create, watch }) => {
    const { name, resourceVersion } = (await create()).metadata
    const events = await watch(name)
    const { type, object } = await events.next()
    equal(`${type} ${object.metadata.name} ${object.metadata.resourceVersion}`, `ADDED ${name} ${resourceVersion}`)
    equal(`${object.kind} of ${object.apiVersion}`, 'VirtualService of networking.istio.io/v1')
  }),
  'tells a watch of a change and of the end, in order': play(async ({ create, change, remove, watch }) => {
    const { name } = (await create()).metadata
    const events = await watch(name)
    equal(await weightIn(events), 'ADDED 10') // until then a change may be part of what is there
    await change(name, { spec: { http: routesOf(name, 20) } })
    await change(name, { spec: { http: routesOf(name, 30) } })
    await remove(name)
    const told = [await weightIn(events), await weightIn(events), await weightIn(events)]
    deepEqual(told, ['MODIFIED 20', 'MODIFIED 30', 'DELETED 30'])
  }),
  'gives the event of a deletion a resourceVersion of its own': play(async ({ create, remove, watch }) => {
    const { name, resourceVersion } = (await create()).metadata
    const events = await watch(name, { resourceVersion })
    await remove(name)
    const { type, object } = await events.next()
    equal(type, 'DELETED')
    notEqual(object.metadata.resourceVersion, resourceVersion)
  }),
  'resumes a watch from a resourceVersion with what came after it': play(async ({ create, change, watch }) => {
    const { name, resourceVersion } = (await create()).metadata
    const first = await change(name, { spec: { http: routesOf(name, 20) } })
    await change(name, { spec: { http: routesOf(name, 30) } })
    const events = await watch(name, { resourceVersion })
    deepEqual([await weightIn(events), await weightIn(events)], ['MODIFIED 20', 'MODIFIED 30'])
    const later = await watch(name, { resourceVersion: first.metadata.resourceVersion })
    equal(await weightIn(later), 'MODIFIED 30')
  }),
  'tells a watch from the resourceVersion of a list what is made after it': play(async (stage) => {
    const { send, path, name, create, watch } = stage
    const { body } = await send({ path: path() })
    const { resourceVersion } = (body as { readonly metadata: { readonly resourceVersion: string } }).metadata
    const events = await watch(name(), {
      resourceVersion,
      fieldSelector: `metadata.namespace=${stage.server.namespace}`,
    })
    const made = await create()
    equal(await nameWith(events, made.metadata.uid), `ADDED ${made.metadata.name}`)
  }),
  'tells a watch of one name nothing of another': play(async ({ create, change, watch }) => {
    const { name } = (await create()).metadata
    const other = (await create()).metadata
    const events = await watch(name)
    const told = async () => {
      const { type, object } = await events.next()
      return `${type} ${object.metadata.name}`
    }
    equal(await told(), `ADDED ${name}`)
    await change(other.name, { metadata: { annotations: { changed: 'yes' } } })
    await change(name, { metadata: { annotations: { changed: 'yes' } } })
    equal(await told(), `MODIFIED ${name}`)
  }),
  'tells a watch nothing of a patch that changes nothing': play(async ({ create, change, watch }) => {
    const { name, resourceVersion } = (await create()).metadata
    const events = await watch(name, { resourceVersion })
    await change(name, { metadata: { annotations: { kept: 'yes' } } })
    await change(name, { spec: { http: routesOf(name, 20) } })
    equal(await weightIn(events), 'MODIFIED 20')
  }),
  'tells a watch under another version of the group the same': play(async ({ create, watch }) => {
    const { name } = (await create()).metadata
    const { type, object } = await (await watch(name, {}, 'v1beta1')).next()
    equal(`${type} ${object.apiVersion}`, 'ADDED networking.istio.io/v1beta1')
  }),
  'ends a watch cleanly after its timeoutSeconds': play(async ({ create, watch }) => {
    const { name, resourceVersion } = (await create()).metadata
    const events = await watch(name, { resourceVersion, timeoutSeconds: '1' })
    equal(events.status, 200)
    await events.end()
  }),
  'answers 410 to a watch from a resourceVersion that is too old': play(async ({ create, watch }) => {
    const { name } = (await create()).metadata
    const events = await watch(name, { resourceVersion: '1' })
    if (events.status === 410) return // some say so at once, most in the stream
    equal(events.status, 200)
    const { type, object } = await events.next()
    equal(`${type} ${object.code}`, 'ERROR 410')
    ok(object.kind === 'Status')
  }),
})

async function weightIn(events: Events): Promise<string> {
  const { type, object } = await events.next()
  return `${type} ${object.spec.http[0]?.route[1]?.weight}`
}

/** The event of one object, in a watch that others may write to. */
async function nameWith(events: Events, uid: string): Promise<string> {
  for (;;) {
    const { type, object } = await events.next()
    if (object.metadata.uid === uid) return `${type} ${object.metadata.name}`
  }
}
