import { isRecord } from '../foundation/options.js'
import type { Fleet, Member, SeenMember } from '../rollout/fleet.js'
import type { Clock } from '../runtime/clock.js'
import { withDeadline } from '../runtime/deadline.js'
import { wrongAnswer } from './store-answers.js'

/** The processes that share a rollout, as the store knows them. */
export interface Membership {
  /** The members of the latest answer that have not left, and this process as it is now; `null` before any answer. */
  readonly known: readonly SeenMember[] | null
  /** Asks the store. Resolves to all members, also to those that have left; rejects if the store fails. */
  read(): Promise<readonly SeenMember[]>
  /** Asks the store in the background, unless its latest answer is younger than 5 s. */
  refresh(): void
}

/** The options of {@link createMembership}. */
export interface MembershipOptions {
  readonly fleet: Pick<Fleet, 'members'>
  readonly clock: Clock
  /** The limit of one call of the store, in milliseconds. */
  readonly timeoutMs: number
  /** Returns what this process says of itself. */
  readonly own: () => Member
}

/** The age from which an answer is replaced when somebody asks, in milliseconds. */
const FRESH_MS = 5_000

/** Creates a membership that has not asked yet. */
export function createMembership({ fleet, clock, timeoutMs, own }: MembershipOptions): Membership {
  let others: readonly SeenMember[] | undefined
  let askedAt = Number.NEGATIVE_INFINITY

  const withOwn = (known: readonly SeenMember[]): readonly SeenMember[] => [...known, { ...own(), ageMs: 0 }]
  const read = async (): Promise<readonly SeenMember[]> => {
    askedAt = clock.elapsed()
    const answer: unknown = await withDeadline(clock, timeoutMs, (signal) => fleet.members(signal))
    if (!Array.isArray(answer)) throw wrongAnswer('members', answer, 'with a list')
    const { id } = own()
    others = answer.filter((member) => isMember(member) && member.id !== id)
    return withOwn(others!)
  }

  return {
    get known() {
      return others === undefined ? null : withOwn(others.filter(({ hasLeft }) => hasLeft !== true))
    },
    read,
    refresh() {
      if (clock.elapsed() - askedAt >= FRESH_MS) void read().catch(() => {}) // the reports say that the store is down
    },
  }
}

const isMember = (value: unknown): value is SeenMember =>
  isRecord(value) && typeof value.id === 'string' && typeof value.ageMs === 'number'
