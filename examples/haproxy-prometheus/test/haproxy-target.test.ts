import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { targetContract } from '@model-canary/testing'
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
  let isHanging = false
  const server = createServer({ allowHalfOpen: true }, (connection) => {
    connection.on('error', () => {}) // a client that gives up
    connection.once('data', (bytes) => {
      if (isHanging) return
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
  const hang = () => {
    isHanging = true
  }
  return { apply, seen, target, weights, hang }
}

const noEpoch = 'HAProxy keeps a weight and nothing beside it: one controller drives it'
const noWatch = 'HAProxy tells nobody of a weight that changes'
const register = Object.assign((name: string, body: () => Promise<void>) => it(name, body), { skip: () => {} })

targetContract(
  { it: register },
  'haproxyTarget',
  async () => {
    const { target, weights, hang } = await socketWith(100, 0)
    return {
      open: () => target,
      weight: () => weights.get('canary')!,
      setWeight: (weight) => void weights.set('canary', weight).set('baseline', 100 - weight),
      hang,
    }
  },
  {
    skip: [
      { test: 'rejects a split of an older epoch, whatever its weight', reason: noEpoch },
      { test: 'rejects more canary of an earlier leader, and takes less', reason: noEpoch },
      { test: 'rejects more canary over a share that somebody else has set', reason: noEpoch },
      { test: 'tells a share that somebody else has set, and when its own is in force again', reason: noWatch },
      { test: 'tells a share that is put back after the end', reason: noWatch },
      { test: 'tells no drift where only its own splits changed the share', reason: noWatch },
      { test: 'tells nothing after a watch has ended', reason: noWatch },
    ],
  },
)

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
