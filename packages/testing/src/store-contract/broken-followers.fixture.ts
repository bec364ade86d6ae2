import type { Head, StateStore } from '@model-canary/core/controller'
import type { Faults } from './fault.fixture.js'
import { memoryPlace, type Whole } from './memory-place.fixture.js'
import type { StorePlace } from './place.js'

/** A store that calls its followers by itself. */
function following(
  act: (whole: Whole, tell: (head: Head) => void, own: Set<(head: Head) => void>) => Partial<StateStore>,
): StorePlace {
  const all = new Set<(head: Head) => void>()
  const tell = (head: Head) => {
    for (const listener of all) listener(head)
  }
  return memoryPlace((whole) => {
    const own = new Set<(head: Head) => void>()
    return {
      follow(listener) {
        all.add(listener)
        own.add(listener)
        return () => all.delete(listener)
      },
      close: async () => {
        for (const listener of own) all.delete(listener)
      },
      ...act(whole, tell, own),
    }
  })
}

/** The faults in what followers are told. */
export const BROKEN_FOLLOWERS = {
  'tells a follower of every write of another process': [
    'tells of the first write only',
    () =>
      following(({ store }, tell) => ({
        async write(change, signal) {
          const answer = await store.write(change, signal)
          if (answer.kind === 'written' && change.expect === null) tell(change.head)
          return answer
        },
      })),
    ['tells nobody of a write that it refused'],
  ],
  'tells a follower of the writes of its own process': [
    'tells other processes only',
    () =>
      following(({ store }, tell, own) => ({
        async write(change, signal) {
          const answer = await store.write(change, signal)
          if (answer.kind === 'written' && own.size === 0) tell(change.head)
          return answer
        },
      })),
    [
      'tells nobody of a write that it refused',
      'tells nothing to a follower that has ended',
      'tells nothing after close()',
    ],
  ],
  'tells nobody of a write that it refused': [
    'tells before it compares',
    () =>
      following(({ store }, tell) => ({
        write: (change, signal) => {
          tell(change.head)
          return store.write(change, signal)
        },
      })),
  ],
  'tells nothing to a follower that has ended': [
    'cannot end a follower',
    () =>
      memoryPlace(({ store }) => ({
        follow: (listener) => {
          store.follow(listener)
          return () => {}
        },
      })),
  ],
  'tells nothing after close()': [
    'goes on telling after close()',
    () => memoryPlace(() => ({ close: async () => {} })),
  ],
  'can be closed twice': [
    'can be closed only once',
    () =>
      memoryPlace(({ store }) => {
        let isClosed = false
        return {
          async close() {
            if (isClosed) throw new Error('closed already')
            isClosed = true
            await store.close()
          },
        }
      }),
  ],
} as const satisfies Faults
