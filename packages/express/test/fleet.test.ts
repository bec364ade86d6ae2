import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCanary, hold, type Status } from '@model-canary/core'
import { folderStore } from '@model-canary/core/folder-store'
import express from 'express'
import { expect, it, onTestFinished } from 'vitest'
import { canaryRoutes } from '../src/index.js'

/** A service with a rollout that it shares through a folder. Resolves to its address. */
async function service(folder: string): Promise<string> {
  const canary = createCanary({
    name: 'sentiment',
    versions: { baseline: 'v1', canary: 'v2' },
    ...{ plan: hold(50), warmUp: { durationMs: 0 }, logger: false, store: folderStore(folder) },
  })
  const app = express()
  const predict = canary.wrap({ baseline: () => 'v1', canary: () => 'v2' })
  app.get('/predict', (_req, res) => void res.send(predict()))
  app.use('/canary', canaryRoutes(canary, { authorize: () => true }))
  const server = createServer(app)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await canary.close()
  })
  await canary.start()
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const answersOf = (origin: string): Promise<readonly string[]> =>
  Promise.all(Array.from({ length: 40 }, async () => (await fetch(`${origin}/predict`)).text()))

it('answers a rollback with how many of four servers have it in force, and none of them serves the canary then', {
  timeout: 60_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'express-fleet-'))
  const origins = await Promise.all([1, 2, 3, 4].map(() => service(folder)))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const origin of origins) await expect.poll(() => answersOf(origin), { timeout: 20_000 }).toContain('v2')
  const weights = async () => Promise.all(origins.map(async (origin) => (await statusOf(origin)).weight))
  await expect.poll(async () => (await statusOf(origins[1]!)).members?.count, { timeout: 20_000 }).toBe(4)

  const answer = await fetch(`${origins[1]}/canary/rollback`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  })
  expect([answer.status, await answer.json()]).toMatchObject([200, { state: 'rolled-back', reached: 4, of: 4 }])
  expect(await weights()).toEqual([0, 0, 0, 0])
  for (const origin of origins) expect(new Set(await answersOf(origin))).toEqual(new Set(['v1']))
})

async function statusOf(origin: string) {
  const answer = await fetch(`${origin}/canary/status`)
  return (await answer.json()) as Status
}
