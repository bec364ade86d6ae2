import { hashOfKey } from '../summaries/clusters.js'
import { type News, type NewsType, newsOf } from './news.js'
import type { OwedMessage } from './owed-message.js'
import type { StoredRollout } from './store.js'
import { bytesOf, withoutChecks } from './stored-size.js'

/** So many messages are kept. */
export const MOST_OWED = 20
/** So many bytes of JSON they are together, at most. */
export const MOST_OWED_BYTES = 16 * 1024
/** So long they are kept, in milliseconds: a day. */
export const OWED_FOR_MS = 86_400_000
/** So many characters of a reason are kept. */
const LONGEST_REASON = 500

/** Returns the messages about a change, as far as a webhook wants them. */
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

/** Returns the message about what is said without a change of the rollout. `count` counts those of one process. */
export const messageAbout = (news: News, rollout: StoredRollout, at: number, count: number): OwedMessage =>
  owedOf(news, rollout, at, [rollout.state.epoch, news.type, at, count, hashOfKey(JSON.stringify(news))])

function owedOf(news: News, { state, versions }: StoredRollout, at: number, id: readonly unknown[]): OwedMessage {
  const { state: name, weight, step, epoch } = state
  return { id: id.join('-'), at, epoch, news: inShort(news), versions, state: name, weight, step }
}

/** What goes first where not everything fits, before what tells how the rollout moved. */
const LEAST: readonly NewsType[] = ['decision', 'alert']

/** Returns the messages that are not older than a day, and fit: decisions go first, then alerts, the oldest of them. */
export function boundOutbox(messages: readonly OwedMessage[], now: number): readonly OwedMessage[] {
  const kept = messages.filter(({ at }) => now - at <= OWED_FOR_MS)
  while (kept.length > MOST_OWED || (kept.length > 0 && bytesOf(kept) > MOST_OWED_BYTES)) kept.splice(leastOf(kept), 1)
  return kept
}

/** Which of the messages is missed least. */
function leastOf(messages: readonly OwedMessage[]): number {
  const places = LEAST.map((type) => messages.findIndex(({ news }) => news.type === type))
  return places.find((place) => place >= 0) ?? 0
}

/** What a store holds as messages, as far as it is that; `undefined` where there are none. */
export function readOutbox(stored: unknown): readonly OwedMessage[] | undefined {
  const messages = Array.isArray(stored) ? stored.filter(isMessage) : []
  return messages.length === 0 ? undefined : messages
}

function isMessage(stored: Partial<OwedMessage> | null | undefined): boolean {
  const { id, at, news, done = [] } = stored ?? {}
  return typeof id === 'string' && Number.isFinite(at) && Boolean(news?.type && news.event) && Array.isArray(done)
}

/** Returns the rollout with these messages, and without the field where there are none. */
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
