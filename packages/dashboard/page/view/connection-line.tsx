import type { RolloutNews } from '../api/rollout-feed.js'
import { durationOf, timeOf } from '../model/words.js'

/** How old an answer may be before the page says so, in milliseconds. A stream says something every 15 s. */
const OLD_MS = 25_000

/** Says whether what the page shows is of now. */
export function ConnectionLine({ news, now }: { readonly news: RolloutNews; readonly now: number }) {
  const { connection, heardAt, refusal } = news
  if (refusal !== null && refusal.status !== 0)
    return (
      <p class="connection bad" role="alert">
        The service refuses to be read: {refusal.message}.
      </p>
    )
  if (heardAt === null)
    return (
      <p class="connection" role="status">
        {connection === 'lost' ? 'The service does not answer. Trying again …' : 'Asking the service …'}
      </p>
    )
  if (connection === 'lost' || now - heardAt > OLD_MS)
    return (
      <p class="connection bad" role="alert">
        <strong>Stale:</strong> no answer since {timeOf(heardAt, now)}, {durationOf(now - heardAt)}. Trying again …
      </p>
    )
  return (
    <p class="connection" role="status">
      <span class="dot" aria-hidden="true" /> {connection === 'live' ? 'Live' : 'Asks every 3 s: no stream of events'}
    </p>
  )
}
