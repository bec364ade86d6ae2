import { deepEqual, equal, ok } from 'node:assert/strict'
import { routesOf } from './object.js'
import type { Play } from './play.js'
import { expectRefusal, objectOf, type Stage } from './stage.js'

/** The rules of a server-side apply with other writers. */
export const applyRules = (play: Play) => ({
  'makes an object by an apply, and answers 201': play(async (stage) => {
    const name = stage.name()
    const made = objectOf(await apply(stage, 'git', config(name, 10)), 201)
    deepEqual(made.spec.http, routesOf(name, 10))
    equal((await apply(stage, 'git', config(name, 20))).status, 200)
    deepEqual((await stage.read(name)).spec.http, routesOf(name, 20))
  }),
  'answers 409 to an apply of a field that another manager has changed, and names both': play(async (stage) => {
    const name = await contested(stage)
    const refusal = expectRefusal(await apply(stage, 'git', config(name, 10)), 409, 'Conflict')
    const causes = refusal.details?.causes ?? []
    ok(
      causes.some(({ field }) => field === '.spec.http'),
      JSON.stringify(causes),
    )
    ok(JSON.stringify(refusal).includes('model-canary-contract'))
    deepEqual((await stage.read(name)).spec.http, routesOf(name, 20))
  }),
  'lets an apply with force have the fields of another manager': play(async (stage) => {
    const name = await contested(stage)
    objectOf(await apply(stage, 'git', config(name, 10), true))
    deepEqual((await stage.read(name)).spec.http, routesOf(name, 10))
    equal((await apply(stage, 'git', config(name, 30))).status, 200)
  }),
  'takes away what an apply leaves out that it had put there, and nothing of others': play(async (stage) => {
    const name = stage.name()
    objectOf(await apply(stage, 'git', { ...config(name, 10), metadata: { name, annotations: { mine: 'yes' } } }), 201)
    await stage.change(name, { metadata: { annotations: { theirs: 'yes' } } })
    objectOf(await apply(stage, 'git', config(name, 10)))
    deepEqual((await stage.read(name)).metadata.annotations, { theirs: 'yes' })
  }),
  'answers 400 to an apply by nobody': play(async (stage) => {
    expectRefusal(await apply(stage, '', config(stage.name(), 10)), 400, 'BadRequest')
  }),
})

const config = (name: string, weight: number): Config => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name },
  spec: { hosts: [name], http: routesOf(name, weight) },
})

interface Config {
  readonly metadata: { readonly name: string; readonly annotations?: object }
  readonly [member: string]: unknown
}

/** An object that one manager has applied and another has written later. */
async function contested(stage: Stage): Promise<string> {
  const name = stage.name()
  objectOf(await apply(stage, 'git', config(name, 10)), 201)
  const path = `${stage.path(name)}?fieldManager=model-canary-contract`
  const body = { spec: { http: routesOf(name, 20) } }
  objectOf(await stage.send({ method: 'PATCH', path, body, contentType: 'application/merge-patch+json' }))
  return name
}

function apply({ path, send }: Stage, by: string, body: Config, force = false) {
  const query = new URLSearchParams({ ...(by !== '' && { fieldManager: by }), ...(force && { force: 'true' }) })
  return send({
    method: 'PATCH',
    path: `${path(body.metadata.name)}?${query}`,
    body,
    contentType: 'application/apply-patch+yaml',
  })
}
