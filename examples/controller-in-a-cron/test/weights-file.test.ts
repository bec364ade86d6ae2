import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { targetContract } from '@model-canary/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { writeJson } from '../src/json-file.js'
import { readWeights, weightsFile } from '../src/weights-file.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'canary-weights-'))
})
afterEach(() => rm(folder, { recursive: true }))

const noMark = 'only the controller writes the file, and nothing in it tells who wrote it'
const noWatch = 'a process that lives for one round watches nothing'
const register = Object.assign((name: string, body: () => Promise<void>) => it(name, body), { skip: () => {} })

targetContract(
  { it: register },
  'weightsFile',
  () => ({
    open: () => weightsFile(folder),
    weight: async () => (await readWeights(folder))?.weight ?? 0,
    setWeight: async (weight) => writeJson(join(folder, 'weights.json'), { ...(await readWeights(folder)), weight }),
  }),
  {
    skip: [
      { test: 'rejects when its signal is aborted under way', reason: 'a file answers at once' },
      { test: 'rejects more canary over a share that somebody else has set', reason: noMark },
      { test: 'tells a share that somebody else has set, and when its own is in force again', reason: noWatch },
      { test: 'tells a share that is put back after the end', reason: noWatch },
      { test: 'tells no drift where only its own splits changed the share', reason: noWatch },
      { test: 'tells nothing after a watch has ended', reason: noWatch },
    ],
  },
)

it('rejects more canary that is older than what was written, and takes less', async () => {
  const target = weightsFile(folder)
  const { signal } = new AbortController()
  await target.apply({ weight: 50, epoch: 1, revision: 7 }, signal)
  await expect(target.apply({ weight: 80, epoch: 1, revision: 6 }, signal)).rejects.toThrow('revision 6 is late')
  await target.apply({ weight: 10, epoch: 1, revision: 6, isReduction: true }, signal)
  expect((await readWeights(folder))?.weight).toBe(10)
})
