import { useEffect, useRef, useState } from 'preact/hooks'
import { isOfCredentials } from '../api/client.js'
import { followRollout, NO_NEWS, type RolloutFeed } from '../api/rollout-feed.js'
import { classSharesOf } from '../model/predictions.js'
import type { Entry } from '../model/records.js'
import { Charts } from './charts.js'
import { ConnectionLine } from './connection-line.js'
import { DecisionList } from './decision-list.js'
import { Guardrails } from './guardrails.js'
import { Health } from './health.js'
import { Lead } from './lead.js'
import { Plan } from './plan.js'
import { Predictions } from './predictions.js'
import { useNow } from './use-now.js'
import type { Session } from './use-session.js'
import { Verbs } from './verbs.js'
import { Waits } from './waits.js'

/** One rollout: how it is, why, and what can be done. */
export function Rollout({
  session,
  entry,
  decision,
  isReadOnly,
}: {
  readonly session: Session
  readonly entry: Entry
  /** The decision that the address names. */
  readonly decision: number | null
  readonly isReadOnly: boolean
}) {
  const { client } = session
  const [news, setNews] = useState(NO_NEWS)
  const feed = useRef<RolloutFeed | null>(null)
  const now = useNow()

  useEffect(() => {
    feed.current = followRollout(client, entry.path, setNews)
    return () => feed.current?.stop()
  }, [client, entry.path])
  const { status, decisions, rights } = news
  const needsToken = isOfCredentials(news.refusal)
  useEffect(() => {
    document.title = status === null ? entry.name : `${status.state} ${status.weight} % – ${entry.name}`
  }, [status?.state, status?.weight, entry.name])
  useEffect(() => {
    if (needsToken) session.askToken()
  }, [needsToken])

  const connection = <ConnectionLine news={news} now={now} />
  if (status === null)
    return (
      <main>
        <h1>
          <bdi>{entry.name}</bdi>
        </h1>
        {connection}
      </main>
    )
  const { baseline, canary } = status.versions
  const shares = classSharesOf(news.metrics[baseline], news.metrics[canary])
  return (
    <main>
      <Lead status={status} connection={connection}>
        <Verbs
          session={session}
          path={entry.path}
          status={status}
          rights={rights}
          isReadOnly={isReadOnly}
          take={(told) => feed.current?.take(told)}
        />
      </Lead>
      <Plan status={status} decisions={decisions} now={now} />
      <Waits status={status} />
      <Guardrails checks={status.checks} versions={status.versions} leftOut={status.leftOut} />
      <Charts points={news.points} status={status} decisions={decisions} now={now} />
      {shares.length > 0 && <Predictions shares={shares} versions={status.versions} />}
      <Health status={status} alerts={news.alerts} now={now} />
      <DecisionList
        name={entry.name}
        decisions={decisions}
        hasOlder={news.hasOlder}
        linked={decision}
        now={now}
        older={() => feed.current?.older()}
        find={async (sequence) => feed.current?.decision(sequence)}
      />
    </main>
  )
}
