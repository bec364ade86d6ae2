import { growthOf } from '../growth/run.mjs'
import { SITUATIONS } from '../growth/situations.mjs'
import { figureRow } from '../harness/row.mjs'

/** Measures what grows, or may grow, in rollouts that have a lot of something. */
export async function growth({ isQuick }) {
  const rows = []
  for (const [name, { title }] of Object.entries(SITUATIONS)) {
    rows.push(...rowsOf(title, await growthOf(name, isQuick ? 'quick' : 'full')))
  }
  return rows
}

/**
 * Returns what was measured in a situation as lines of the report.
 *
 * @param {string} title
 * @param {import('../growth/run.mjs').Growth} measured
 */
function rowsOf(title, { marks, endedMiB, underWay, looks, wholeLooks, others }) {
  const last = marks.at(-1)
  const time = ({ medianUs, mostUs }) => `median ${ms(medianUs)}, most ${ms(mostUs)}`
  return [
    figureRow({
      what: `${title}: heap, above that of the first mark`,
      value: last.moreMiB,
      most: 0.5,
      unit: 'MiB',
      note: `${last.requests} requests, ${underWay} under way; ${endedMiB.toFixed(2)} MiB when they had ended`,
    }),
    figureRow({
      what: `${title}: the longest turn of a look, p99`,
      value: looks.p99Us / 1_000,
      most: 2,
      unit: 'ms',
      note: `${time(looks)}; all turns of a look ${ms(wholeLooks.medianUs)}`,
    }),
    figureRow({ what: `${title}: another timer, p99`, value: others.p99Us / 1_000, unit: 'ms', note: time(others) }),
  ]
}

const ms = (us) => (us / 1_000).toFixed(2)
