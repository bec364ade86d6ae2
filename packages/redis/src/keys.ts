import type { Visit } from '@model-canary/core/controller'

/** The names of everything that is stored about one rollout. All of them are in one slot of a cluster. */
export interface Keys {
  /** Hash: the tag, text and fence of the head. */
  readonly head: string
  /** The text of the body. */
  readonly body: string
  /** The points of charts. */
  readonly points: string
  /** "fence id" of the leader; it expires. */
  readonly lease: string
  /** The highest fence of a lease. */
  readonly fence: string
  /** Stream: the decisions. */
  readonly log: string
  /** Hash: what each process says of itself. */
  readonly members: string
  /** Sorted set: when each process reported last. */
  readonly seen: string
  /** The channel on which heads are sent. */
  readonly channel: string
  /** Set: the ids of all processes that reported in an epoch. */
  readonly lives: (epoch: number) => string
  /** Hash: the reports of a stay. */
  readonly counts: (visit: Visit) => string
  /** Sorted set: the ids of a stay, in the order of their latest reports. */
  readonly order: (visit: Visit) => string
}

/** Returns the keys of a rollout. The name is encoded, because `}` in it would end the hash tag. */
export function keysOf(prefix: string, name: string): Keys {
  const base = `${prefix}:{${encodeURIComponent(name)}}`
  return {
    head: `${base}:head`,
    body: `${base}:body`,
    points: `${base}:points`,
    lease: `${base}:lease`,
    fence: `${base}:fence`,
    log: `${base}:log`,
    members: `${base}:members`,
    seen: `${base}:seen`,
    channel: `${base}:ch`,
    lives: (epoch) => `${base}:lives:${epoch}`,
    counts: ({ epoch, visit }) => `${base}:c:${epoch}.${visit}`,
    order: ({ epoch, visit }) => `${base}:o:${epoch}.${visit}`,
  }
}
