import type { Outcome } from '../foundation/vocabulary.js'
import type { Writable } from '../foundation/writable.js'
import type { Origin } from './recorder-contract.js'

/**
 * Finds users whose calls must be left out of the comparison: those whose traffic begins or multiplies during the
 * rollout, such as a bot, and those whose calls failed before it as well.
 *
 * A sticky split puts such a user in one arm, where its calls make identical versions look different. A user with its
 * usual traffic, whose calls fail with the canary only, is never left out. Users are told apart by their routing
 * bucket: keys are not kept.
 */
export interface HeavyUsers {
  readonly byteLength: number
  /** Counts a call that begins. Returns whether it is left out. This is the hot path: it allocates nothing. */
  begin(origin: Origin): boolean
  /** Counts a call that ended. */
  end(origin: Origin, outcome: Outcome): void
}

/** The number of places: two of the 10,000 routing buckets share one. */
const PLACES = 5_000

/** After this many calls of the baseline alone, the counts of the past are halved: they are kept in 16 bits. */
const MOST_PAST_CALLS = 65_535

/** With fewer calls of the past, the usual traffic of users is not known, and nobody is heavy. */
const LEAST_PAST_CALLS = 4_096

/** A user is heavy above this multiple of its usual share of all calls, and above the least share. */
const MULTIPLE = 3
const LEAST_SHARE = 1 / 700

/** A user is heavy after this many calls above that share. */
const LEAST_CALLS = 5

/** If more users than this become heavy in a number of calls, heavier ones are ordinary. */
const MOST_HEAVY_USERS = 3
const ADAPTED_AFTER_CALLS = 8_192

/**
 * A call counts as this part of a call until it succeeds: a user with its usual traffic that repeats every failed call
 * six times does not become heavy.
 */
const UNTIL_SUCCESS = 0.3

/** The calls of a user fail before the rollout from this many failures on; a success takes five of them back. */
const FAILING = 20
const MOST_FAILURES = 40
const FAILURES_PER_SUCCESS = 5

/** The number of calls after which the counting of calls starts again: a number that takes no memory of its own. */
const MOST_CALLS = 2 ** 30

/** Creates empty counts. Memory is taken for the first call with a routing bucket. */
export function createHeavyUsers(): HeavyUsers {
  let counts: Counts | undefined

  const open = (): Counts => {
    counts = createCounts()
    heavyUsers.byteLength = counts.byteLength
    return counts
  }

  const heavyUsers: Writable<HeavyUsers> = {
    byteLength: 0,
    begin(origin) {
      const place = placeOf(origin)
      return place >= 0 && (counts ?? open()).begin(place, isPast(origin))
    },
    end(origin, outcome) {
      const place = placeOf(origin)
      if (place < 0 || counts === undefined) return
      if (outcome === 'success') counts.succeeded(place)
      else if (isPast(origin) && (outcome === 'error' || outcome === 'timeout')) counts.failedBefore(place)
    },
  }
  return heavyUsers
}

/** Returns whether the baseline serves alone. */
const isPast = ({ reason }: Origin): boolean => reason === 'disabled'

/** Returns the place of a call that was split or that the baseline served alone; −1 for any other call. */
const placeOf = ({ reason, bucket }: Origin): number =>
  bucket !== undefined && (reason === 'split' || reason === 'disabled') ? bucket >> 1 : -1

interface Counts {
  readonly byteLength: number
  /** Returns whether the call is left out. */
  begin(place: number, isPast: boolean): boolean
  succeeded(place: number): void
  failedBefore(place: number): void
}

/** How much of the traffic each user makes before the rollout. */
interface UsualTraffic {
  readonly byteLength: number
  /** Whether enough calls were counted. */
  readonly isKnown: boolean
  count(place: number): void
  /** Returns the share of a user in all calls, from 0 to 1. */
  shareOf(place: number): number
}

function createUsualTraffic(): UsualTraffic {
  const counts = new Uint16Array(PLACES)
  let calls = 0
  const usual: Writable<UsualTraffic> = {
    byteLength: counts.byteLength,
    isKnown: false,
    count(place) {
      if (calls === MOST_PAST_CALLS) calls = halve(counts)
      counts[place]! += 1
      calls += 1
      usual.isKnown = calls >= LEAST_PAST_CALLS
    },
    shareOf: (place) => counts[place]! / Math.max(1, calls),
  }
  return usual
}

/** How heavy users are that are ordinary, as a multiple of the least share and of the least calls. */
interface Ordinary {
  readonly multiple: number
  /** The number of calls above its share from which a user is heavy. */
  readonly limit: number
  /** Takes the calls of a user above its share, before and after a call. Doubles if too many users pass the limit. */
  rise(before: number, now: number): void
  /** Halves unless too many users have passed half of the limit since the last time. */
  relax(): void
}

function createOrdinary(): Ordinary {
  let passed = 0
  let passedHalf = 0

  const set = (next: number): void => {
    ordinary.multiple = next
    ordinary.limit = next * LEAST_CALLS
    passed = 0
  }

  const ordinary: Writable<Ordinary> = {
    multiple: 1,
    limit: LEAST_CALLS,
    rise(before, now) {
      const { limit } = ordinary
      if (before < limit / 2 && now >= limit / 2) passedHalf += 1
      if (before < limit && now >= limit) passed += 1
      if (passed > MOST_HEAVY_USERS) set(2 * ordinary.multiple)
    },
    relax() {
      set(passedHalf <= MOST_HEAVY_USERS ? Math.max(1, ordinary.multiple / 2) : ordinary.multiple)
      passedHalf = 0
    },
  }
  return ordinary
}

function createCounts(): Counts {
  const usual = createUsualTraffic()
  const failures = new Uint8Array(PLACES)
  const emptyAt = new Uint32Array(PLACES)
  let calls = 0
  const ordinary = createOrdinary()

  const leastShare = (): number => ordinary.multiple * LEAST_SHARE
  const shareAbove = (place: number): number => Math.max(leastShare(), MULTIPLE * usual.shareOf(place))
  const untilSuccess = (share: number): number => Math.max(UNTIL_SUCCESS, leastShare() / share)

  /** Returns the calls of a user above its share: a leaky bucket, of which the time is kept at which it is empty. */
  const callsAbove = (place: number, share: number): number => Math.max(0, emptyAt[place]! - calls) * share

  const add = (place: number, added: number, share: number): void => {
    const before = callsAbove(place, share)
    const now = Math.min(before + added, 2 * ordinary.limit)
    emptyAt[place] = calls + now / share
    ordinary.rise(before, now)
  }

  const countCall = (): void => {
    calls += 1
    if (calls === MOST_CALLS) {
      calls = 0
      emptyAt.fill(0)
    }
    if (calls % ADAPTED_AFTER_CALLS === 0) ordinary.relax()
  }

  return {
    byteLength: usual.byteLength + failures.byteLength + emptyAt.byteLength,
    begin(place, isPast) {
      if (isPast) usual.count(place)
      countCall()
      const share = shareAbove(place)
      add(place, untilSuccess(share), share)
      if (isPast || !usual.isKnown) return false
      return failures[place]! >= FAILING || callsAbove(place, share) >= ordinary.limit
    },
    succeeded(place) {
      failures[place] = Math.max(0, failures[place]! - FAILURES_PER_SUCCESS)
      const share = shareAbove(place)
      add(place, 1 - untilSuccess(share), share)
    },
    failedBefore(place) {
      failures[place] = Math.min(MOST_FAILURES, failures[place]! + 1)
    },
  }
}

/** Halves all counts, rounded down. Returns their sum. */
function halve(counts: Uint16Array): number {
  let sum = 0
  for (let at = 0; at < counts.length; at++) {
    counts[at]! >>= 1
    sum += counts[at]!
  }
  return sum
}
