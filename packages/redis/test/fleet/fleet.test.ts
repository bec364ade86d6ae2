import { realServer } from '@model-canary/real-servers'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { type Bundle, bundleWorker } from './bundle.fixture.js'
import { survivesKilledLeaders, survivesRollingRestart, survivesStoppedLeader } from './crashes.js'
import {
  keepsItsShareUnderANewerRelease,
  rollsBackWithoutSubscription,
  rollsBackWithSubscription,
} from './rollbacks.js'
import { fillsAnEmptyStore, forgetsNoRollbackOfOneCutOff, rollsBackWhileTheStoreHangs } from './store-faults.js'
import { createWorld, type World } from './world.fixture.js'

/** The limit of one test, in milliseconds: it starts eight processes, and waits for leases of ten seconds. */
const LIMIT_MS = 120_000

let bundle: Bundle
beforeAll(async () => {
  bundle = await bundleWorker()
})
afterAll(() => bundle.remove())

/** Runs in a world of its own, which is closed afterwards. */
const inWorld = (act: (world: World) => Promise<void>) => async () => {
  const own = await createWorld(bundle.path, { program: 'redis-server' })
  try {
    await act(own)
  } finally {
    await own.close()
  }
}

realServer({ describe, it }, ['redis-server'], 'several processes on a real Redis', () => {
  const run = (title: string, act: (world: World) => Promise<void>) => it(title, inWorld(act), LIMIT_MS)

  run('follow a next leader after one was killed, before or after it wrote', survivesKilledLeaders)
  run('refuse the write of a leader that was stopped', survivesStoppedLeader)
  run('lose nothing when all are replaced', survivesRollingRestart)
  run('serve no canary within 100 ms of a rollback, if they listen', rollsBackWithSubscription)
  run('serve no canary after the next report after a rollback, if they do not', rollsBackWithoutSubscription)
  run('keep their share, and say so, if they cannot read what a newer release wrote', keepsItsShareUnderANewerRelease)
  run('fill a store that came back empty, and count each request once', fillsAnEmptyStore)
  run('serve as fast as before while the store hangs, and roll back in the harmed one', rollsBackWhileTheStoreHangs)
  run('forget no rollback while one of them is cut off', forgetsNoRollbackOfOneCutOff)
})
