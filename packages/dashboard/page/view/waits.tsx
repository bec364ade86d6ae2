import type { Wait } from '@model-canary/core/controller'
import { progressOf } from '../model/guardrail-bars.js'
import { waitWords } from '../model/headline.js'
import type { ShownStatus } from '../model/records.js'
import { capital, durationOf, numberOf } from '../model/words.js'

/** What the step waits for, with how much there is of it. */
export function Waits({ status }: { readonly status: ShownStatus }) {
  if (status.waits.length === 0) return null
  const waits = new Map(status.waits.map((wait) => [wait.what, wait])) // of two with the same name, the later needs more
  return (
    <section aria-labelledby="waits">
      <h2 id="waits">Waits for</h2>
      <ul class="waits">
        {[...waits.values()].map((wait) => (
          <li key={wait.what}>
            <span>{capital(waitWords(wait.what))}</span>
            <Meter label={capital(waitWords(wait.what))} share={shareOf(wait)} tone="calm" />
            <small>{amountsOf(wait)}</small>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** A bar for a share from 0 to 1. */
export function Meter({
  label,
  share,
  tone,
}: {
  readonly label: string
  readonly share: number
  readonly tone: string
}) {
  const percent = Math.round(share * 100)
  return (
    <span class={`meter ${tone}`}>
      <meter class="hidden" min={0} max={100} value={percent} aria-label={label}>
        {percent} %
      </meter>
      <span aria-hidden="true" style={{ width: `${percent}%` }} />
    </span>
  )
}

function shareOf({ what, have, need }: Wait): number {
  if (what.startsWith('evidence')) return progressOf({ now: have, needed: need })
  return need > 0 ? Math.min(1, Math.max(0, have / need)) : 1
}

function amountsOf({ for: kind, what, have, need }: Wait): string {
  if (kind === 'gate') return 'not given'
  if (what.startsWith('ms ')) return `${durationOf(have)} of ${durationOf(need)}`
  return `${numberOf(have)} of ${numberOf(need)}`
}
