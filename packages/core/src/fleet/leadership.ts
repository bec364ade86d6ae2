import type { Lease } from '../rollout/fleet.js'
import { hashOfKey } from '../summaries/clusters.js'
import { createLeaseBelief, type LeaseBelief } from './lease-belief.js'
import { createLeaseLine, type LeaseLine, type LeaseLineOptions } from './lease-line.js'
import { createPacedLoop } from './paced-loop.js'
import { runLast } from './store-answers.js'

/** The right of this process to judge for all processes of a rollout. */
export interface Leadership {
  /**
   * The lease, while this process may rely on it: from the time at which the last successful ask was sent, for four
   * fifths of its duration. Otherwise `undefined`.
   */
  readonly lease: Lease | undefined
  /** True while the lease is held, by the last answer of the store: by this process, which may rely on it, or another. */
  readonly isHeld: boolean
  /**
   * Asks for the lease now, and renews it or asks again until `stop()`. Resolves when the first ask was answered, or
   * has failed.
   */
  start(): Promise<void>
  /** Drops the lease and asks again, because a write with this lease was refused. Without an argument: any lease. */
  lost(lease?: Lease): void
  /** Drops the lease and returns it to the store. Resolves when that is done, or after `timeoutMs`. */
  stop(): Promise<void>
}

/** The options of {@link createLeadership}. No callback may throw. */
export interface LeadershipOptions extends LeaseLineOptions {
  /** Returns the highest fence that is known from the rollout's head. */
  readonly leastFence: () => number
  /** Called once for each change. Between two leases with different fences, it is called with `false`. */
  readonly onChange: (isLeader: boolean) => void
  /** Called with the error of each ask that failed. */
  readonly onFailure: (cause: unknown) => void
  /**
   * Returns false while this process must not lead; a lease is then returned at the next renewal.
   * @default always true
   */
  readonly mayLead?: () => boolean
  /** For how long the lease is asked, in milliseconds; 10 s unless given. */
  readonly ttlMs?: number
  /** The interval of renewals, in milliseconds; 3 s unless given. */
  readonly renewMs?: number
}

/** The default of `ttlMs`. */
const TTL_MS = 10_000

/** The default of `renewMs`. */
const RENEW_MS = 3_000

/** The part of a lease's duration for which the holder relies on it. The rest allows for clocks of different speed. */
const RELIED_ON = 0.8

/** The part of `renewMs` after which a failed ask is repeated. */
const RETRY_AFTER = 0.33

/** The part of `renewMs` over which the asks of several candidates are spread. */
const SPREAD_OVER = 0.17

/**
 * Creates a leadership that does not ask yet. One ask is pending at a time. After each loss it asks again: every
 * `renewMs`, and soon after the holder's lease has run out.
 *
 * The lease is not proof that no other process leads: a suspended virtual machine stops its clock, and a store can lose
 * the lease. So each write carries the lease, and the store refuses it if the lease is not in force.
 */
export function createLeadership(options: LeadershipOptions): Leadership {
  const { clock, timeoutMs, onFailure, mayLead = () => true, renewMs = RENEW_MS } = options
  const line = createLeaseLine(options)
  const belief = createLeaseBelief(clock, options.onChange)
  const asking = createAsking(options, line, belief)
  let isStanding = false
  let started: Promise<void> | undefined
  let stopped: Promise<void> | undefined

  const loop = createPacedLoop(clock, async () => {
    try {
      if (mayLead()) return await asking.ask()
      asking.drop()
      await line.release()
      return renewMs
    } catch (cause) {
      onFailure(cause)
      return renewMs * RETRY_AFTER + asking.spreadMs()
    }
  })
  const leave = async (signal: AbortSignal): Promise<void> => {
    await loop.stop()
    await line.release(signal)
  }

  return {
    get lease() {
      return belief.lease
    },
    get isHeld() {
      return belief.lease !== undefined || asking.isOther
    },
    async start() {
      if (stopped) return
      isStanding = true
      await (started ??= loop.soon())
    },
    lost(lease) {
      if (lease && belief.lease && lease.fence !== belief.lease.fence) return
      asking.drop()
      if (isStanding) void loop.soon()
    },
    stop() {
      asking.drop()
      isStanding = false
      stopped ??= runLast(clock, timeoutMs, leave, onFailure)
      return stopped
    },
  }
}

/** The asks of one process, and what follows from their answers. */
interface Asking {
  /** Asks once. Returns the time to the next ask, in milliseconds. */
  ask(): Promise<number>
  /** Drops the lease. The answer to a pending ask has no effect. */
  drop(): void
  /** Whether another process may still hold the lease, by the last answer. */
  readonly isOther: boolean
  /** Returns a delay, in milliseconds, that spreads the asks of several processes: another one after each ask. */
  spreadMs(): number
}

function createAsking(options: LeadershipOptions, line: LeaseLine, belief: LeaseBelief): Asking {
  const { id, clock, ttlMs = TTL_MS, renewMs = RENEW_MS } = options
  let asks = 0
  let drops = 0
  let highestFence = 0
  let othersUntil = 0
  const spreadMs = (): number => ((hashOfKey(`${id} ${asks}..`) >>> 0) / 2 ** 32) * renewMs * SPREAD_OVER
  const drop = (): void => {
    drops += 1
    belief.drop()
  }

  return {
    async ask() {
      const [sentMs, before] = [clock.elapsed(), drops]
      const leastFence = Math.max(options.leastFence(), highestFence)
      asks += 1
      const { isMine, holder, fence, leftMs } = await line.ask(ttlMs, leastFence)
      othersUntil = isMine || holder === null ? 0 : clock.elapsed() + leftMs
      if (before !== drops) return 0
      if (!isMine) {
        drop()
        return Math.min(leftMs, renewMs) + spreadMs()
      }
      if (fence < leastFence) {
        drop() // a lease of an older state of the store: the next one gets a higher fence
        await line.release()
        return spreadMs()
      }
      highestFence = fence
      belief.hold({ id, fence }, sentMs + Math.min(ttlMs * RELIED_ON, leftMs))
      return sentMs + renewMs - clock.elapsed()
    },
    drop,
    get isOther() {
      return clock.elapsed() < othersUntil
    },
    spreadMs,
  }
}
