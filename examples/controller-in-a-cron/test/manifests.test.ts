import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'

it('runs once a minute, never twice at a time, over the volume that it claims', async () => {
  const text = await readFile(new URL('../manifests/cronjob.yaml', import.meta.url), 'utf8')
  const [claim, job] = parseAllDocuments(text).map((document) => document.toJS())
  const { containers, volumes } = job.spec.jobTemplate.spec.template.spec
  expect(job.spec).toMatchObject({ schedule: '* * * * *', concurrencyPolicy: 'Forbid' })
  expect(volumes[0].persistentVolumeClaim.claimName).toBe(claim.metadata.name)
  expect(containers[0].command.at(-1)).toBe(containers[0].volumeMounts[0].mountPath)
})
