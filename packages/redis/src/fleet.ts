import type { Fleet, Lease, LeaseAsk, Member, PackedReport, SeenMember } from '@model-canary/core/controller'
import type { Asker } from './ask.js'
import type { Followers } from './followers.js'
import type { Keys } from './keys.js'
import { createPublish } from './publish.js'
import { LEASE } from './scripts/lease.js'
import { KEEP } from './scripts/records.js'
import { COLLECT, MEMBERS, MOST_LISTED } from './scripts/reports.js'
import { recordsIn } from './stored-text.js'

/** Creates the part that the processes share. The followers hear every head that comes with an answer. */
export function createFleet(asker: Asker, keys: Keys, followers: Followers): Fleet {
  const { ask } = asker
  return {
    async lease(request, signal) {
      const { lease, fence, head, body, log } = keys
      const args = [request.id, ...leaseArgs(request)]
      const [holder, stored, leftMs] = await ask({ script: LEASE, keys: [lease, fence, head, body, log], args }, signal)
      return {
        isMine: holder === request.id,
        fence: Number(stored),
        holder: holder === '' ? null : holder!,
        leftMs: Number(leftMs),
      }
    },
    async keep(body, tag, lease, signal) {
      const args = [tag, textOfLease(lease), JSON.stringify(body)]
      const [kind] = await ask({ script: KEEP, keys: [keys.head, keys.body, keys.lease], args }, signal)
      return kind as Awaited<ReturnType<Fleet['keep']>>
    },
    publish: createPublish(asker, keys, followers),
    async collect(visit, cursor, signal) {
      const [born = '', after = '0', since = '0'] = cursor.split(' ')
      const [counts, order, args] = [keys.counts(visit), keys.order(visit), [born, after, since]]
      const call = { script: COLLECT, keys: [counts, order], args, isPoll: true }
      const [birth, turn, more, ...words] = await ask(call, signal)
      const isMore = more === '1'
      // a report may move from a page that is read now to the next one, so what is known rises with the last page
      const known = isMore ? (birth === born ? since : '0') : turn
      return { reports: reportsIn(words), cursor: `${birth} ${turn} ${known}`, isMore }
    },
    async members(signal) {
      const seen = new Map<string, SeenMember>()
      let from = ''
      for (;;) {
        const call = { script: MEMBERS, keys: [keys.members, keys.seen], args: [from], isPoll: true }
        const [last = '', found, ...words] = await ask(call, signal)
        for (const member of membersIn(words)) seen.set(member.id, member)
        if (Number(found) < MOST_LISTED || last === from) return [...seen.values()]
        from = last
      }
    },
  }
}

/** Returns a lease as it is stored. */
export const textOfLease = ({ id, fence }: Lease): string => `${fence} ${id}`

/** Returns the time to live and the least fence; empty to return the lease. */
function leaseArgs(request: LeaseAsk): readonly string[] {
  if ('release' in request) return ['', '0']
  return [`${Math.max(1, Math.round(request.ttlMs))}`, `${request.leastFence}`]
}

/** Reads id, seq, fast and slow of each report. */
function reportsIn(words: readonly string[]): readonly PackedReport[] {
  return inGroups(words, 4).map(([id, seq, fast, slow]) => ({
    id: id!,
    seq: Number(seq),
    fast: fast!,
    ...(slow !== '' && { slow: slow!.slice(1) }),
  }))
}

/** Reads id, age and text of each member. */
function membersIn(words: readonly string[]): readonly SeenMember[] {
  return inGroups(words, 3).flatMap(([, ageMs, text]) =>
    recordsIn<Member>([text!]).map((member) => ({ ...member, ageMs: Number(ageMs) })),
  )
}

function inGroups(words: readonly string[], size: number): readonly (readonly string[])[] {
  return Array.from({ length: Math.floor(words.length / size) }, (_, at) => words.slice(at * size, (at + 1) * size))
}
