import { realServer } from '@model-canary/real-servers'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { type Bundle, bundleWorker } from './bundle.fixture.js'
import { agreesWithClocksApart } from './clocks.js'
import { survivesKilledLeaders, survivesRollingRestart, survivesStoppedLeader } from './crashes.js'
import {
  keepsItsShareUnderANewerRelease,
  rollsBackWithoutSubscription,
  rollsBackWithSubscription,
} from './rollbacks.js'
import { reportsEachStepCompletely } from './stays.js'
import { fillsAnEmptyStore, forgetsNoRollbackOfOneCutOff, rollsBackWhileTheStoreHangs } from './store-faults.js'
import { createWorld, type World } from './world.fixture.js'

/** The limit of one test, in milliseconds: it starts eight processes, and waits for leases of ten seconds. */
const LIMIT_MS = 120_000

let bundle: Bundle
beforeAll(async () => {
  bundle = await bundleWorker()
})
afterAll(() => bundle.remove())

/** Describes rules, each in a world of its own on the first program. The others are needed as well. */
const onReal = (
  [program, ...others]: readonly ['redis-server' | 'valkey-server', ...'faketime'[]],
  title: string,
  rules: Readonly<Record<string, (world: World) => Promise<void>>>,
) =>
  realServer({ describe, it }, [program, ...others], title, () => {
    for (const [rule, holds] of Object.entries(rules)) {
      it(
        rule,
        async () => {
          const own = await createWorld(bundle.path, { program })
          try {
            await holds(own)
          } finally {
            await own.close()
          }
        },
        LIMIT_MS,
      )
    }
  })

onReal(['redis-server'], 'several processes on a real Redis', {
  'follow a next leader after one was killed, before or after it wrote': survivesKilledLeaders,
  'refuse the write of a leader that was stopped': survivesStoppedLeader,
  'lose nothing when all are replaced': survivesRollingRestart,
  'report each request of each step, also those right before its end': reportsEachStepCompletely,
  'serve no canary within 100 ms of a rollback, if they listen': rollsBackWithSubscription,
  'serve no canary after the next report after a rollback, if they do not': rollsBackWithoutSubscription,
  'keep their share, and say so, if they cannot read what a newer release wrote': keepsItsShareUnderANewerRelease,
  'fill a store that came back empty, and count each request once': fillsAnEmptyStore,
  'serve as fast as before while the store hangs, and roll back in the harmed one': rollsBackWhileTheStoreHangs,
  'forget no rollback while one of them is cut off': forgetsNoRollbackOfOneCutOff,
})

onReal(['redis-server', 'faketime'], 'several processes with clocks that differ', {
  'follow one rollout with clocks an hour apart': agreesWithClocksApart,
})

onReal(['valkey-server'], 'several processes on a real Valkey', {
  'follow a next leader after one was killed, before or after it wrote': survivesKilledLeaders,
  'refuse the write of a leader that was stopped': survivesStoppedLeader,
  'serve no canary within 100 ms of a rollback, if they listen': rollsBackWithSubscription,
  'fill a store that came back empty, and count each request once': fillsAnEmptyStore,
})
