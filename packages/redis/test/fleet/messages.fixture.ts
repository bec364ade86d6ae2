import type { Status } from '@model-canary/core'

/** How a worker is started. */
export interface WorkerSettings {
  /** The port of the Redis, or of a proxy in front of it. */
  readonly port: number
  /** Whether it has a second connection, on which it hears of decisions. */
  readonly listens: boolean
  /** The plan's weights; without them, one step that only a person ends. */
  readonly weights?: readonly number[]
  /** The weight of that step, in percent. @default 20 */
  readonly hold?: number
  /** The time between two looks, or two reads of the store by a process without the lease, in ms. @default 1_000 */
  readonly intervalMs?: number
  /** Variables that are added to its environment. */
  readonly env?: Readonly<Record<string, string>>
}

/** What a worker can be asked for. */
export interface Asked {
  readonly id: number
  readonly does: 'state' | 'history' | 'fail' | 'rollback' | 'promote' | 'pause' | 'resume' | 'retry'
}

/** What a worker tells. */
export interface Told {
  /** The port on which it serves. */
  readonly serves?: number
  /** An answer to the question with this id. */
  readonly id?: number
  readonly result?: unknown
  readonly error?: string
  /** The weight that came into force, with its step and epoch, and when, in milliseconds since 1970. */
  readonly weight?: number
  readonly step?: number
  readonly epoch?: number
  readonly at?: number
}

/** The state of a worker. */
export interface WorkerState
  extends Pick<Status, 'state' | 'weight' | 'step' | 'epoch' | 'enabled' | 'requests' | 'reason' | 'internalErrors'> {
  /** Whether it judges. */
  readonly leads: boolean
  readonly members: { readonly count: number; readonly upToDate: number } | null
  /** Requests that it has begun and not answered yet. */
  readonly underWay: number
  /** All alerts so far. */
  readonly alerts: readonly string[]
}

/** The answer to a user's request: how it was routed. */
export interface Answer {
  readonly variant: 'baseline' | 'canary'
  readonly epoch: number
  readonly step: number
  readonly weight: number
}
