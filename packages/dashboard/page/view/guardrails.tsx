import type { Check } from '@model-canary/core/judge'
import { barOf, type GuardrailBar, metersOf } from '../model/guardrail-bars.js'
import type { ShownStatus } from '../model/records.js'
import { differenceOf, durationOf, figureOf, numberOf } from '../model/words.js'
import { Meter } from './waits.js'

const OUTCOMES = {
  held: ['good', 'Within the margin'],
  breached: ['bad', 'Breached'],
  undecided: ['calm', 'Undecided'],
} as const

/** Each guardrail: the figures of both versions, the difference beside what is accepted, and the evidence. */
export function Guardrails({
  checks,
  versions,
  leftOut,
}: {
  readonly checks: readonly Check[]
  readonly versions: ShownStatus['versions']
  readonly leftOut: readonly string[]
}) {
  return (
    <section aria-labelledby="guardrails">
      <h2 id="guardrails">Guardrails</h2>
      {checks.length === 0 && <p class="none">Nothing has been judged in this step.</p>}
      {checks.length > 0 && (
        <p class="note">
          The dot is the measured difference, its line the confidence limits. Green is no harm, yellow is more than
          tolerable, red is more than accepted.
        </p>
      )}
      <ul class="guardrails">
        {checks.map((check) => (
          <Guardrail key={check.guardrail} check={check} versions={versions} />
        ))}
      </ul>
      {leftOut.length > 0 && (
        <p class="note">Not judged, because the metrics source cannot answer them: {leftOut.join(', ')}.</p>
      )}
    </section>
  )
}

/** One guardrail. The same is shown of a past decision. */
export function Guardrail({
  check,
  versions,
}: {
  readonly check: Check
  readonly versions: ShownStatus['versions'] | null
}) {
  const [tone, words] = OUTCOMES[check.outcome] ?? OUTCOMES.undecided
  const bar = barOf(check)
  const meters = metersOf(check)
  const { baseline = 'baseline', canary = 'canary' } = versions ?? {}
  const { unit, difference, samples } = check
  const etaMs = check.evidence?.etaMs ?? null
  return (
    <li class={tone}>
      <div class="name">
        <strong>{check.guardrail}</strong> <span class="badge">{words}</span>
        {check.severity !== 'rollback' && <small> {check.severity}</small>}
      </div>
      <p class="figures">
        <bdi>{baseline}</bdi> {figureOf(unit, check.baseline)} <span aria-hidden="true">→</span> <bdi>{canary}</bdi>{' '}
        {figureOf(unit, check.canary)}
        {difference !== null &&
          ` (${differenceOf(unit, difference)}; ${numberOf(unit === 'share' ? check.margin * 100 : check.margin)} accepted)`}
        <small>
          {' '}
          {samples.baseline.toLocaleString('en')} and {samples.canary.toLocaleString('en')} observations
        </small>
      </p>
      {bar !== null && <Bar bar={bar} label={check.reason} />}
      {meters !== null && (
        <dl class="meters">
          <dt>Evidence for rollback</dt>
          <dd>
            <Meter label={`Evidence for rollback by ${check.guardrail}`} share={meters.rollback} tone="bad" />
          </dd>
          <dt>Evidence for promotion</dt>
          <dd>
            <Meter label={`Evidence for promotion by ${check.guardrail}`} share={meters.promotion} tone="good" />
            {etaMs !== null && <small> about {durationOf(etaMs)} left</small>}
          </dd>
        </dl>
      )}
      <p class="reason">{check.reason}</p>
    </li>
  )
}

const at = (place: number): string => `${(place * 100).toFixed(2)}%`

/** The difference with its confidence limits, beside what is tolerable and what is accepted. */
function Bar({ bar, label }: { readonly bar: GuardrailBar; readonly label: string }) {
  const { zero, tolerable, margin, difference, interval } = bar
  return (
    <svg class="bar" role="img" aria-label={label} width="100%" height="34">
      <rect class="better" x="0" y="8" width={at(tolerable)} height="12" />
      <rect class="between" x={at(tolerable)} y="8" width={at(margin - tolerable)} height="12" />
      <rect class="beyond" x={at(margin)} y="8" width={at(1 - margin)} height="12" />
      <line class="mark" x1={at(zero)} x2={at(zero)} y1="4" y2="22" />
      <text x={at(zero)} y="32" text-anchor="middle">
        equal
      </text>
      <text x={at(margin)} y="32" text-anchor="middle">
        margin
      </text>
      {interval !== null && <line class="interval" x1={at(interval[0])} x2={at(interval[1])} y1="14" y2="14" />}
      {difference !== null && <circle class="difference" cx={at(difference)} cy="14" r="5" />}
    </svg>
  )
}
