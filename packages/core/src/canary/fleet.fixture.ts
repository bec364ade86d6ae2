import { type ManualClock, manualClock, seededRandom } from '@model-canary/testing'
import { onTestFinished } from 'vitest'
import { sharedMemoryStore } from '../controller/shared-memory-store.js'
import { storedIn } from '../controller/stored.fixture.js'
import type { Variant } from '../foundation/vocabulary.js'
import { errorRate } from '../guardrails/kinds/error-rate.js'
import type { PointsRecord, StateStore } from '../rollout/store.js'
import type { StoredRollout } from '../rollout/stored-rollout.js'
import { randomStrategy } from '../routing/random.js'
import type { Canary } from './canary.js'
import type { CanaryOptions } from './canary-options.js'
import { createCanary } from './create-canary.js'

/** A process of a service, and what the load generator sent to it. */
export interface Replica {
  readonly canary: Canary
  /** What was sent to each arm in each epoch and step: `epoch/step`. */
  readonly sent: Map<string, Record<Variant, number>>
  /** False once the process serves nothing. */
  isAlive: boolean
  /**
   * How the process reaches the store. A deaf one is not told of writes; a mute one gets no answers; the calls of a late
   * one arrive when nothing waits for their answers.
   */
  line: 'up' | 'down' | 'hangs' | 'deaf' | 'mute' | 'late'
  /** What becomes of the reads of the stored rollout alone. */
  reads: 'up' | 'down' | 'hangs'
  /** By which the store knows the process; `undefined` before its first call. */
  readonly id: string | undefined
  /** Ends the process as `kill -9` does: it serves nothing, and nothing of it reaches the store. */
  kill(): void
}

/** Several processes of one service over one store and one clock. */
export interface FleetWorld {
  readonly clock: ManualClock
  readonly store: StateStore
  readonly replicas: Replica[]
  /** The probability with which a call of each version fails. */
  readonly fails: Record<Variant, number>
  /** Adds a process, which is not started. */
  add(options?: Partial<CanaryOptions>): Replica
  /** Sends each living process this many requests now. */
  send(calls: number): void
  /** Sends each living process this many requests a second, for this many seconds or until the condition holds. */
  serve(perSecond: number, seconds: number, until?: () => boolean): Promise<void>
  stored(): Promise<StoredRollout>
  /** Closes all processes. */
  close(): Promise<void>
  /** Empties the store, as a restart without a file does. */
  empty(): void
}

/** How long a late call takes to the store, in milliseconds: longer than anything waits for it. */
const LATE_MS = 4_000

type Mutable<Value> = { -readonly [Name in keyof Value]: Value[Name] }

/** Returns a store that can be replaced by a new one, in which nothing is stored. */
function emptiableStore(make: () => StateStore): { readonly store: StateStore; empty(): void } {
  let inner = make()
  const listeners = new Set<Parameters<StateStore['follow']>[0]>()
  const tell = () => inner.follow((head) => listeners.forEach((listener) => void listener(head)))
  tell()
  const store: StateStore = {
    load: (signal) => inner.load(signal),
    write: (change, signal) => inner.write(change, signal),
    follow(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () => inner.close(),
    fleet: {
      lease: (...asked) => inner.fleet!.lease(...asked),
      keep: (...asked) => inner.fleet!.keep(...asked),
      publish: (...asked) => inner.fleet!.publish(...asked),
      collect: (...asked) => inner.fleet!.collect(...asked),
      members: (signal) => inner.fleet!.members(signal),
    },
    ...(inner.points && {
      points: {
        load: (signal: AbortSignal) => inner.points!.load(signal),
        keep: (...asked: Parameters<PointsRecord['keep']>) => inner.points!.keep(...asked),
      },
    }),
  }
  return {
    store,
    empty() {
      inner = make()
      tell()
    },
  }
}

/** Returns a store as one process reaches it. */
function connected(
  inner: StateStore,
  process: Pick<Mutable<Replica>, 'line' | 'reads' | 'id'>,
  clock: ManualClock,
): StateStore {
  const over = <Result>(task: () => Promise<Result>, line: Replica['line'] = process.line): Promise<Result> => {
    if (line === 'down') return Promise.reject(new Error('the store is down'))
    if (line === 'late') clock.schedule(LATE_MS, task)
    if (line === 'mute') void task()
    return ['hangs', 'late', 'mute'].includes(line) ? new Promise(() => {}) : task()
  }
  const fleet = inner.fleet!
  return {
    load: (signal) => over(() => inner.load(signal), process.reads === 'up' ? process.line : process.reads),
    write: (change, signal) => over(() => inner.write(change, signal)),
    follow: (listener) => inner.follow((head) => (process.line === 'up' ? listener(head) : undefined)),
    close: () => inner.close(),
    fleet: {
      lease(ask, signal) {
        process.id = ask.id
        return over(() => fleet.lease(ask, signal))
      },
      keep: (...asked) => over(() => fleet.keep(...asked)),
      publish: (...asked) => over(() => fleet.publish(...asked)),
      collect: (...asked) => over(() => fleet.collect(...asked)),
      members: (signal) => over(() => fleet.members(signal)),
    },
    ...(inner.points && {
      points: {
        load: (signal: AbortSignal) => over(() => inner.points!.load(signal)),
        keep: (...asked: Parameters<PointsRecord['keep']>) => over(() => inner.points!.keep(...asked)),
      },
    }),
  }
}

/** Creates a world with processes that have not been started. Without `world.close`, the end of the test closes them. */
export function fleetWorld(
  count: number,
  options: Partial<CanaryOptions> = {},
  clock: ManualClock = manualClock(),
): FleetWorld {
  const { store, empty } = emptiableStore(() => options.store ?? sharedMemoryStore({ clock }))
  const random = seededRandom(7)
  const replicas: Replica[] = []
  const fails = { baseline: 0, canary: 0 }

  const add: FleetWorld['add'] = (own = {}) => {
    const replica = { sent: new Map(), isAlive: true, line: 'up', reads: 'up' } as unknown as Mutable<Replica>
    const canary = createCanary({
      ...{ name: 'sentiment', versions: { baseline: 'v1', canary: 'v2' }, logger: false, clock },
      strategy: randomStrategy({ random }),
      guardrails: [errorRate({ margin: 0.02 })],
      ...options,
      ...own,
      store: connected(store, replica, clock),
    }) as Canary
    replica.canary = canary
    replica.kill = () => Object.assign(replica, { isAlive: false, line: 'hangs' })
    replicas.push(replica)
    return replica
  }
  const request = ({ canary, sent }: Replica): void => {
    const flight = canary.begin()
    const { variant, epoch, step } = flight.assignment
    const counted = sent.get(`${epoch}/${step}`) ?? { baseline: 0, canary: 0 }
    sent.set(`${epoch}/${step}`, { ...counted, [variant]: counted[variant] + 1 })
    flight.end({ outcome: random() < fails[variant] ? 'error' : 'success' })
  }
  const send = (calls: number): void => {
    for (const replica of replicas.filter(({ isAlive }) => isAlive)) {
      for (let call = 0; call < calls; call += 1) request(replica)
    }
  }
  for (let made = 0; made < count; made += 1) add()
  const close = async (): Promise<void> => {
    const closed = Promise.all(replicas.splice(0).map(({ canary }) => canary.close()))
    await clock.advance(10_000)
    await closed
  }
  onTestFinished(close)

  return {
    ...{ clock, store, replicas, fails, add, send, empty },
    async serve(perSecond, seconds, until = () => false) {
      for (let second = 0; second < seconds && !until(); second += 1) {
        send(perSecond)
        await clock.advance(1_000)
      }
    },
    stored: async () => (await storedIn(store))!,
    close,
  }
}
