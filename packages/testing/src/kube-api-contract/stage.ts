import { equal } from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createPatience } from '../adapter-contract/patience.js'
import { type Answer, type Asked, createKubeClient } from './client.js'
import { type Events, readEvents } from './events.js'
import { type KubeObject, type StatusBody, virtualService } from './object.js'
import type { ConnectKubeApi, KubeApiServer } from './server.js'

/** What a rule plays on: a server, and VirtualServices of its own. */
export interface Stage {
  readonly server: KubeApiServer
  send(asked: Asked): Promise<Answer>
  /**
   * A name that nobody has; whatever object gets it is removed in the end. @param collection its path, @default that of
   * the VirtualServices
   */
  name(collection?: string): string
  /** The path of all VirtualServices of the namespace, or of the one of a name. */
  path(name?: string, version?: string): string
  /** Makes a VirtualService with two subsets, and two annotations. */
  create(name?: string): Promise<KubeObject>
  read(name: string): Promise<KubeObject>
  patch(name: string, patch: unknown, type?: PatchType): Promise<Answer>
  /** Patches an object, and fails where the server refuses. */
  change(name: string, patch: unknown, type?: PatchType): Promise<KubeObject>
  remove(name: string): Promise<void>
  /** Opens a watch of one VirtualService, from a resourceVersion where one is given. */
  watch(name: string, query?: Readonly<Record<string, string>>, version?: string): Promise<Events>
  close(): Promise<void>
}

/** How a patch is written. */
export type PatchType = 'merge-patch' | 'json-patch' | 'strategic-merge-patch'

/** Connects to the server for one rule. */
export async function createStage(connect: ConnectKubeApi, patienceMs: number): Promise<Stage> {
  const server = await connect()
  const patience = createPatience(patienceMs)
  const client = createKubeClient(server, patience)
  const made = new Set<string>()
  const watches = new Set<Events>()

  const path: Stage['path'] = (name, version = 'v1') => {
    const collection = `/apis/networking.istio.io/${version}/namespaces/${server.namespace}/virtualservices`
    return name === undefined ? collection : `${collection}/${name}`
  }
  const newName: Stage['name'] = (collection = path()) => {
    const name = `model-canary-contract-${randomBytes(6).toString('hex')}`
    made.add(`${collection}/${name}`)
    return name
  }
  const patch: Stage['patch'] = (name, body, type = 'merge-patch') =>
    client.send({ method: 'PATCH', path: path(name), body, contentType: `application/${type}+json` })

  return {
    server,
    send: client.send,
    name: newName,
    path,
    patch,
    async create(name = newName()) {
      const body = virtualService(name, 'networking.istio.io/v1')
      return objectOf(await client.send({ method: 'POST', path: path(), body }), 201)
    },
    read: async (name) => objectOf(await client.send({ path: path(name) })),
    change: async (...asked) => objectOf(await patch(...asked)),
    async remove(name) {
      objectOf(await client.send({ method: 'DELETE', path: path(name) }))
    },
    async watch(name, query = {}, version = 'v1') {
      const parameters = new URLSearchParams({ watch: 'true', fieldSelector: `metadata.name=${name}`, ...query })
      const events = readEvents(await client.open({ path: `${path(undefined, version)}?${parameters}` }), patience)
      watches.add(events)
      return events
    },
    async close() {
      for (const events of watches) events.close()
      for (const path of made) await client.send({ method: 'DELETE', path })
      await server.close?.()
    },
  }
}

/** The object of an answer; fails with the server's own words where there is none. */
export function objectOf({ status, body }: Answer, expected = 200): KubeObject {
  equal(status, expected, `the server answered ${status}: ${JSON.stringify(body).slice(0, 500)}`)
  return body as KubeObject
}

/** Expects a refusal with a Status, and returns it. */
export function expectRefusal({ status, body }: Answer, code: number, reason: string): StatusBody {
  equal(status, code, `the server answered ${status}: ${JSON.stringify(body).slice(0, 500)}`)
  const refusal = body as StatusBody
  const { kind, status: word, reason: given, code: written } = refusal
  equal(`${kind} ${word} ${given} ${written}`, `Status Failure ${reason} ${code}`)
  return refusal
}
