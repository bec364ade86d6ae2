import { isRecord } from '../foundation/options.js'
import { hashOfKey } from '../summaries/clusters.js'
import { type News, type NewsType, newsOf } from './news.js'
import type { OwedMessage } from './owed-message.js'
import { isStateName } from './read-state.js'
import { isCount, isName, isNumber, isShare } from './stored-forms.js'
import type { StoredRollout } from './stored-rollout.js'
import { bytesOf, withoutChecks } from './stored-size.js'

/** The most messages that are kept. */
export const MOST_OWED = 20
/** The most bytes of JSON that they may have together. */
export const MOST_OWED_BYTES = 16 * 1024
/** How long they are kept, in milliseconds: a day. */
export const OWED_FOR_MS = 86_400_000
/** The longest reason that is kept, in characters. */
const LONGEST_REASON = 500

/** Returns the messages about a change that a webhook wants. */
export function messagesAbout(
  before: StoredRollout,
  after: StoredRollout,
  at: number,
  isWanted: (type: NewsType) => boolean,
): readonly OwedMessage[] {
  const { weight, epoch } = after.state
  return newsOf(before, after).flatMap((news) =>
    isWanted(news.type) ? [owedOf(news, after, at, [epoch, before.revision, news.type, weight, at])] : [],
  )
}

/** Returns the message about news without a change of the rollout. `count` numbers such messages of one process. */
export const messageAbout = (news: News, rollout: StoredRollout, at: number, count: number): OwedMessage =>
  owedOf(news, rollout, at, [rollout.state.epoch, news.type, at, count, hashOfKey(JSON.stringify(news))])

function owedOf(news: News, { state, versions }: StoredRollout, at: number, id: readonly unknown[]): OwedMessage {
  const { state: name, weight, step, epoch } = state
  return { id: id.join('-'), at, epoch, news: inShort(news), versions, state: name, weight, step }
}

/** The types that are dropped first if not all messages fit. */
const LEAST: readonly NewsType[] = ['decision', 'alert']

/** Returns the messages that fit and are at most a day old. The oldest decisions are dropped first, then alerts. */
export function boundOutbox(messages: readonly OwedMessage[], now: number): readonly OwedMessage[] {
  const kept = messages.filter(({ at }) => now - at <= OWED_FOR_MS)
  while (kept.length > MOST_OWED || (kept.length > 0 && bytesOf(kept) > MOST_OWED_BYTES)) kept.splice(leastOf(kept), 1)
  return kept
}

/** Returns the index of the least important message. */
function leastOf(messages: readonly OwedMessage[]): number {
  const places = LEAST.map((type) => messages.findIndex(({ news }) => news.type === type))
  return places.find((place) => place >= 0) ?? 0
}

/** Returns the valid messages of a stored value; `undefined` if there are none. */
export function readOutbox(stored: unknown): readonly OwedMessage[] | undefined {
  const messages = Array.isArray(stored) ? stored.filter(isMessage) : []
  return messages.length === 0 ? undefined : messages
}

const TYPES: readonly unknown[] = ['step', 'promoted', 'rolled-back', 'alert', 'decision'] satisfies NewsType[]

function isMessage(stored: unknown): boolean {
  if (!isRecord(stored) || !isRecord(stored.news) || !isRecord(stored.versions)) return false
  const { id, at, epoch = 0, news, versions, state, weight, step, done = [] } = stored
  return (
    typeof id === 'string' &&
    isNumber(at) &&
    [epoch, step].every(isCount) &&
    isShare(weight) &&
    TYPES.includes(news.type) &&
    isRecord(news.event) &&
    isName(versions.baseline) &&
    isName(versions.canary) &&
    isStateName(state) &&
    Array.isArray(done) &&
    done.every((key) => typeof key === 'string')
  )
}

/** Returns the rollout with these messages, without the field if there are none. */
export function withOutbox(rollout: StoredRollout, outbox: readonly OwedMessage[]): StoredRollout {
  const { outbox: _, ...others } = rollout
  return outbox.length === 0 ? others : { ...others, outbox }
}

function inShort(news: News): News {
  const short = (text: string): string => text.slice(0, LONGEST_REASON)
  switch (news.type) {
    case 'step':
      return news
    case 'alert':
      return { ...news, event: { ...news.event, message: short(news.event.message) } }
    case 'decision':
      return { ...news, event: { ...withoutChecks(news.event), reason: short(news.event.reason) } }
    default:
      return { ...news, event: { ...news.event, reason: short(news.event.reason) } }
  }
}
