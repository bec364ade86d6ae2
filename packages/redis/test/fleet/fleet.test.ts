import { realServer } from '@model-canary/real-servers'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { type Bundle, bundleWorker } from './bundle.fixture.js'
import { survivesKilledLeaders, survivesRollingRestart, survivesStoppedLeader } from './crashes.js'
import { createWorld, type World } from './world.fixture.js'

/** The limit of one test, in milliseconds: it starts eight processes, and waits for leases of ten seconds. */
const LIMIT_MS = 120_000

let bundle: Bundle
beforeAll(async () => {
  bundle = await bundleWorker()
})
afterAll(() => bundle.remove())

/** Runs in a world of its own, which is closed afterwards. */
const world = (program: 'redis-server' | 'valkey-server', act: (world: World) => Promise<void>) => async () => {
  const own = await createWorld(bundle.path, { program })
  try {
    await act(own)
  } finally {
    await own.close()
  }
}

realServer({ describe, it }, ['redis-server'], 'several processes on a real Redis', () => {
  it(
    'follow a next leader after one was killed, before or after it wrote',
    world('redis-server', survivesKilledLeaders),
    LIMIT_MS,
  )
  it('refuse the write of a leader that was stopped', world('redis-server', survivesStoppedLeader), LIMIT_MS)
  it('lose nothing when all are replaced', world('redis-server', survivesRollingRestart), LIMIT_MS)
})
