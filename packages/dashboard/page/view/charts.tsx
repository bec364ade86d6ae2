import type { Decision } from '@model-canary/core'
import type { Point } from '@model-canary/core/controller'
import { useState } from 'preact/hooks'
import { RANGES, type Range, type Series, seriesOf } from '../model/points.js'
import type { ShownStatus } from '../model/records.js'
import { numberOf } from '../model/words.js'
import { Plot } from './plot.js'

const RANGE_WORDS: Readonly<Record<Range, string>> = { hour: 'Last hour', day: 'Last day', rollout: 'This rollout' }

/** Error rate, unanswered calls and latency of both versions over time. */
export function Charts({
  points,
  status,
  decisions,
  now,
}: {
  readonly points: readonly Point[] | null
  readonly status: ShownStatus
  readonly decisions: readonly Decision[]
  readonly now: number
}) {
  const [range, setRange] = useState<Range>('hour')
  if (points === null) return null
  const { versions } = status
  const minute = Math.floor(now / 60_000) * 60_000
  const series = seriesOf(points, range, status, minute)
  const changes = decisions.filter(({ now: after, weight }) => after.weight !== weight).map(({ at }) => at / 1_000)
  return (
    <section aria-labelledby="charts">
      <div class="heading">
        <h2 id="charts">Over time</h2>
        <fieldset class="ranges">
          <legend class="hidden">Span of time</legend>
          {RANGES.map((each) => (
            <label key={each}>
              <input type="radio" name="range" checked={range === each} onChange={() => setRange(each)} />
              {RANGE_WORDS[each]}
            </label>
          ))}
        </fieldset>
      </div>
      <p class="legend">
        <span class="baseline" aria-hidden="true" /> <bdi>{versions.baseline}</bdi>{' '}
        <span class="canary" aria-hidden="true" /> <bdi>{versions.canary}</bdi>{' '}
        <small>Vertical lines: changes of the weight. Times are {zoneOf(now)}.</small>
      </p>
      {(series[0]?.data[0].length ?? 0) === 0 ? (
        <p class="none">Nothing was served in this span of time.</p>
      ) : (
        <div class="charts">
          {series.map((each) => (
            <figure key={each.id}>
              <figcaption>
                {each.title}, {each.unit}
              </figcaption>
              <Plot series={each} changes={changes} label={labelOf(each, versions)} />
            </figure>
          ))}
        </div>
      )}
    </section>
  )
}

function labelOf({ title, unit, data }: Series, { baseline, canary }: ShownStatus['versions']): string {
  const latest = (values: readonly (number | null)[]): string => {
    const value = values.findLast((each) => each !== null) ?? null
    return value === null ? 'no data' : `${numberOf(value)} ${unit}`
  }
  return `${title}: ${baseline} ${latest(data[1])}, ${canary} ${latest(data[2])} at the end`
}

const zoneOf = (now: number): string =>
  new Intl.DateTimeFormat(undefined, { timeZoneName: 'long' })
    .formatToParts(now)
    .find(({ type }) => type === 'timeZoneName')?.value ?? 'local'
