import type { Outcome } from '../foundation/vocabulary.js'
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
    return counts
  }

  return {
    get byteLength() {
      return counts?.byteLength ?? 0
    },
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

function createCounts(): Counts {
  const past = new Uint16Array(PLACES)
  const failures = new Uint8Array(PLACES)
  const emptyAt = new Uint32Array(PLACES)
  let pastCalls = 0
  let calls = 0
  let ordinary = 1 // the multiple of the least share and the least calls that is ordinary for some users
  let heavyUsers = 0
  let halfHeavyUsers = 0

  const shareAbove = (place: number): number =>
    Math.max(ordinary * LEAST_SHARE, (MULTIPLE * past[place]!) / Math.max(1, pastCalls))

  const untilSuccess = (share: number): number => Math.max(UNTIL_SUCCESS, (ordinary * LEAST_SHARE) / share)

  /** Returns the calls of a user above its share: a leaky bucket, of which the time is kept at which it is empty. */
  const callsAbove = (place: number, share: number): number => Math.max(0, emptyAt[place]! - calls) * share

  /** Adds to the calls of a user above its share. If they pass the limit for too many users, the limit is doubled. */
  const add = (place: number, added: number, share: number): void => {
    const limit = ordinary * LEAST_CALLS
    const before = callsAbove(place, share)
    const now = Math.min(before + added, 2 * limit)
    emptyAt[place] = calls + now / share
    if (before < limit / 2 && now >= limit / 2) halfHeavyUsers += 1
    if (before >= limit || now < limit) return
    heavyUsers += 1
    if (heavyUsers <= MOST_HEAVY_USERS) return
    ordinary *= 2
    heavyUsers = 0
  }

  const adapt = (): void => {
    if (halfHeavyUsers <= MOST_HEAVY_USERS) ordinary = Math.max(1, ordinary / 2)
    heavyUsers = 0
    halfHeavyUsers = 0
  }

  const countPast = (place: number): void => {
    if (pastCalls === MOST_PAST_CALLS) pastCalls = halve(past)
    past[place]! += 1
    pastCalls += 1
  }

  return {
    byteLength: past.byteLength + failures.byteLength + emptyAt.byteLength,
    begin(place, isPast) {
      if (isPast) countPast(place)
      calls += 1
      if (calls % ADAPTED_AFTER_CALLS === 0) adapt()
      if (calls === MOST_CALLS) {
        calls = 0
        emptyAt.fill(0)
      }
      const share = shareAbove(place)
      add(place, untilSuccess(share), share)
      if (isPast || pastCalls < LEAST_PAST_CALLS) return false
      return failures[place]! >= FAILING || callsAbove(place, share) >= ordinary * LEAST_CALLS
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
