import type { Alert } from '../api/rollout-feed.js'
import { healthOf } from '../model/health.js'
import type { ShownStatus } from '../model/records.js'
import { timeOf } from '../model/words.js'

/** How the parts are that the rollout depends on, what the service alerted of, and what the models failed with. */
export function Health({
  status,
  alerts,
  now,
}: {
  readonly status: ShownStatus
  readonly alerts: readonly Alert[]
  readonly now: number
}) {
  return (
    <section aria-labelledby="health">
      <h2 id="health">Health</h2>
      <dl class="health">
        {healthOf(status).map(({ part, tone, words }) => (
          <div key={part} class={tone}>
            <dt>
              <span class="dot" aria-hidden="true" /> {part}
            </dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
      {alerts.length > 0 && (
        <ul class="alerts">
          {alerts.map(({ about, message, at }) => (
            <li key={`${at} ${message}`}>
              <time dateTime={new Date(at).toISOString()}>{timeOf(at, now)}</time> <strong>{about}</strong>: {message}
            </li>
          ))}
        </ul>
      )}
      {(['baseline', 'canary'] as const).map((arm) => (
        <Errors key={arm} version={status.versions[arm]} errors={status.errors[arm]} now={now} />
      ))}
    </section>
  )
}

function Errors({
  version,
  errors,
  now,
}: {
  readonly version: string
  readonly errors: ShownStatus['errors']['baseline']
  readonly now: number
}) {
  if (errors.length === 0) return null
  return (
    <details class="errors">
      <summary>
        What <bdi>{version}</bdi> failed with in this process
      </summary>
      <ul>
        {errors.map(({ message, count, lastAt }) => (
          <li key={message}>
            {count}× <bdi>{message}</bdi>, last at {timeOf(lastAt, now)}
          </li>
        ))}
      </ul>
    </details>
  )
}
