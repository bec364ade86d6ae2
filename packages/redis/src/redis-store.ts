import { CanaryError, type Decision } from '@model-canary/core'
import type { Body, RecordWrite, StateStore } from '@model-canary/core/controller'
import { type Defaults, refuseOthers, safeName, show } from '@model-canary/foundation'
import { createAsker } from './ask.js'
import { type RedisClient, senderOf } from './client.js'
import { createFleet, textOfLease } from './fleet.js'
import { createFollowers } from './followers.js'
import { type Keys, keysOf } from './keys.js'
import type { RedisListener } from './listener.js'
import { createPoints } from './points.js'
import { COMMIT, LOAD } from './scripts/records.js'
import { headIn, recordsIn } from './stored-text.js'

/** The options of {@link redisStore}. */
export interface RedisStoreOptions {
  /** The name of the rollout, as in `createCanary`: a part of every key. */
  readonly name: string
  /** The beginning of every key and channel: letters, digits and `._:-`. @default 'mc' */
  readonly prefix?: string
  /**
   * A second client, on which this process hears of decisions of others immediately. Without it, this process hears of
   * them with its next report.
   */
  readonly listener?: RedisListener
}

/** A store in Redis or Valkey. */
export interface RedisStore extends StateStore {
  /** How many answers belonged to another call. Anything above 0 is a fault of the client or of a proxy. */
  misrouted(): number
}

const STORE_DEFAULTS = { prefix: 'mc' } as const satisfies Defaults<RedisStoreOptions>

/**
 * Creates a store in Redis 6.2 or newer, or in Valkey, that the processes of a service share.
 *
 * The client stays yours: the store neither connects nor closes it. Every call ends when its signal is aborted, also if
 * the client never answers.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`, `INVALID_NAME`
 * @example
 * const client = new Redis('redis://redis:6379')
 * const store = redisStore(client, { name: 'sentiment', listener: client.duplicate() })
 */
export function redisStore(client: RedisClient, options: RedisStoreOptions): RedisStore {
  refuseOthers('redisStore', options, { name: 1, prefix: 1, listener: 1 })
  const { prefix, listener } = { ...STORE_DEFAULTS, ...options }
  const keys = keysOf(checkedPrefix(prefix), safeName('name', options.name))
  const asker = createAsker(senderOf(client))
  const followers = createFollowers(keys.channel, listener)
  const fleet = createFleet(asker, keys, followers)

  return {
    async load(signal) {
      const call = { script: LOAD, keys: [keys.head, keys.body, keys.log], args: [] }
      const [origin, doc, body, ...log] = await asker.ask(call, signal)
      followers.know(origin!)
      const head = headIn(doc!)
      if (head === undefined) return undefined
      return { head, body: recordsIn<Body>([body!])[0] ?? null, history: recordsIn<Decision>(log.reverse()) }
    },
    async write(change, signal) {
      const text = JSON.stringify(change.head)
      const message = followers.messageOf(text)
      if (change.isUrgent && message !== undefined) asker.tell(['PUBLISH', keys.channel, message], signal)
      const [kind, origin, doc] = await asker.ask(commitOf(keys, change, text), signal)
      followers.know(origin!)
      const head = headIn(kind === 'written' ? text : doc!)
      if (head !== undefined) followers.hear(head)
      return kind === 'written' ? { kind } : { kind: kind as 'moved' | 'deposed', head }
    },
    follow: followers.follow,
    close: async () => followers.end(),
    misrouted: asker.misrouted,
    fleet,
    points: createPoints(asker, keys),
  }
}

function commitOf(keys: Keys, { expect, head, body, lease, decisions = [] }: RecordWrite, text: string) {
  const texts = [lease ? textOfLease(lease) : '', text, `${head.fence}`, body ? JSON.stringify(body) : '', keys.channel]
  return {
    script: COMMIT,
    keys: [keys.head, keys.body, keys.lease, keys.log],
    args: [expect ?? '', head.tag, ...texts, ...decisions.map((decision) => JSON.stringify(decision))],
  }
}

/** Returns a prefix that leaves the hash tag as it is. */
function checkedPrefix(prefix: unknown): string {
  if (typeof prefix === 'string' && /^[\w.:-]{1,64}$/.test(prefix)) return prefix
  throw new CanaryError('INVALID_OPTION', `prefix must be 1 to 64 letters, digits or ._:- , got ${show(prefix)}`)
}
