import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'

interface Volume {
  readonly persistentVolumeClaim: { readonly claimName: string }
}

interface Mount {
  readonly mountPath: string
}

it('runs once a minute, never twice at a time, over the volumes that it claims', async () => {
  const text = await readFile(new URL('../manifests/cronjob.yaml', import.meta.url), 'utf8')
  const [shared, state, job] = parseAllDocuments(text).map((document) => document.toJS())
  const { containers, volumes } = job.spec.jobTemplate.spec.template.spec
  expect(job.spec).toMatchObject({ schedule: '* * * * *', concurrencyPolicy: 'Forbid' })
  const claimed = volumes.map(({ persistentVolumeClaim }: Volume) => persistentVolumeClaim.claimName)
  expect(claimed).toEqual([shared.metadata.name, state.metadata.name])
  expect([shared.spec.accessModes, state.spec.accessModes]).toEqual([['ReadWriteMany'], ['ReadWriteOnce']])
  const [folder, stateFolder] = containers[0].command.slice(2)
  const [sharedPath, statePath] = containers[0].volumeMounts.map(({ mountPath }: Mount) => mountPath)
  expect(folder).toBe(sharedPath)
  expect(stateFolder.startsWith(`${statePath}/`)).toBe(true)
})
