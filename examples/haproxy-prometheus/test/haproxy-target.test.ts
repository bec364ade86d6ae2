import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { haproxyTarget } from '../src/haproxy-target.js'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** A runtime socket that knows two servers and their weights, and keeps every pair that it ever had. */
async function socketWith(baseline: number, canary: number) {
  const weights = new Map([
    ['baseline', baseline],
    ['canary', canary],
  ])
  const seen: (readonly number[])[] = []
  const server = createServer({ allowHalfOpen: true }, (connection) => {
    connection.once('data', (bytes) => {
      const [verb, , place = '', weight] = bytes.toString().trim().split(' ')
      const name = place.split('/')[1]!
      if (verb === 'set') {
        weights.set(name, Number(weight))
        seen.push([...weights.values()])
      }
      connection.end(verb === 'set' ? '\n' : `${weights.get(name)} (initial 100)\n`)
    })
  })
  const folder = mkdtempSync(join(tmpdir(), 'haproxy-target-'))
  const socket = join(folder, 'runtime.sock')
  await once(server.listen(socket), 'listening')
  closers.push(
    () => rmSync(folder, { recursive: true }),
    () => server.close(),
  )
  const target = haproxyTarget({ socket, backend: 'b', servers: { baseline: 'baseline', canary: 'canary' } })
  const apply = (weight: number) => target.apply({ weight, epoch: 1, revision: 1 }, new AbortController().signal)
  return { apply, seen }
}

it.each([
  [100, 0, 10],
  [90, 10, 100],
  [0, 100, 0],
  [50, 50, 0],
])('from %i:%i to %i percent both weights are never 0 at once', async (baseline, canary, weight) => {
  const { apply, seen } = await socketWith(baseline, canary)
  await apply(weight)
  expect(seen.at(-1)).toEqual([100 - weight, weight])
  expect(seen.every((weights) => weights.some((one) => one > 0))).toBe(true)
})
