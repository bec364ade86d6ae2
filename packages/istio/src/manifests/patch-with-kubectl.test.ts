import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { realServer } from '@model-canary/real-servers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { virtualServiceTable } from '../routes/virtual-service.js'
import { istioManifests } from './istio-manifests.js'

realServer({ describe, it }, ['kubectl'], 'a patch', (kubectl) => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'canary-patch-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  /** A service with routes of its own before and after the split. */
  const withSiblings = () => {
    const { virtualService } = istioManifests({ name: 'sentiment', weight: 10 })
    const spec = virtualService.spec as { hosts: string[]; http: object[] }
    const health = { match: [{ uri: { exact: '/healthz' } }], route: [{ destination: { host: 'health' } }] }
    return {
      ...virtualService,
      spec: { ...spec, http: [health, ...spec.http, { route: [{ destination: { host: 'old' } }] }] },
    }
  }
  const patched = async (object: object, patch: object) => {
    const file = join(folder, 'object.json')
    await writeFile(file, JSON.stringify(object))
    const args = ['patch', '--local', '-f', file, '--type', 'merge', '-p', JSON.stringify(patch), '-o', 'json']
    const { stdout } = await promisify(execFile)(kubectl!, args)
    return JSON.parse(stdout).spec.http as { route: { destination: { host: string }; weight?: number }[] }[]
  }
  const table = virtualServiceTable({
    namespace: 'default',
    virtualService: 'sentiment',
    route: 'split',
    destinations: {
      baseline: { host: 'sentiment', subset: 'stable' },
      canary: { host: 'sentiment', subset: 'canary' },
    },
    stickyHeader: undefined,
  })

  it('keeps the sibling routes, as kubectl applies it', async () => {
    const object = withSiblings()
    const http = await patched(object, { spec: table.specFor(object, 50) })
    expect(http.map(({ route }) => route.map(({ destination, weight }) => `${destination.host} ${weight}`))).toEqual([
      ['health undefined'],
      ['sentiment 50', 'sentiment 50'],
      ['old undefined'],
    ])
  })

  it('of the guide deletes them', async () => {
    const { virtualService } = istioManifests({ name: 'sentiment', weight: 50 })
    const http = await patched(withSiblings(), { spec: virtualService.spec })
    expect(http).toHaveLength(1)
  })
})
