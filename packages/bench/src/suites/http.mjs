import { seededRandom } from '../harness/random.mjs'
import { nanoseconds } from '../harness/row.mjs'
import { quantile, ratioOfMedians, spreadOf } from '../harness/spread.mjs'
import { findValgrind } from '../http/callgrind.mjs'
import { measureCpuTime } from '../http/cpu-time.mjs'
import { measureInstructions } from '../http/instructions.mjs'

/** Bare means the same handler without a canary; the second bare server shows how much equal servers differ. */
const VARIANTS = ['bare', 'bare again', 'wrapped', 'middleware']

const PEERS = { fastify: 'fastify-metrics', express: 'express-prom-bundle' }

/** The most by which two equal servers may differ. */
const MOST_NOISE = 1.03

/** What is measured: instructions where there is valgrind, else CPU time, whose rows are marked. */
const INSTRUCTIONS = { mark: '', cost: (value) => `${(value / 1_000).toFixed(1)} k instructions` }
const CPU_TIME = { mark: ', CPU time', cost: nanoseconds }

/** Measures what a request costs on one framework: bare, wrapped and through the middleware. */
export async function http(framework, { isQuick }) {
  const variants = framework in PEERS ? [...VARIANTS, 'metrics'] : VARIANTS
  const random = seededRandom(1)
  const costs = Object.fromEntries(variants.map((variant) => [variant, []]))
  const valgrind = findValgrind()
  if (valgrind !== undefined) {
    const extent = { generations: isQuick ? 1 : 3, warmUp: 6_000, batches: 9, requests: 200 }
    await measureInstructions(valgrind, framework, costs, extent)
    return rowsOf(framework, costs, random, INSTRUCTIONS)
  }
  console.warn(`${framework}: there is no valgrind, so CPU time is measured, which differs between equal servers`)
  const extent = isQuick
    ? { generations: 1, warmUp: 10_000, rounds: 8, requests: 500 }
    : { generations: 3, warmUp: 20_000, rounds: 10, requests: 1_000 }
  await measureCpuTime(framework, costs, extent, random)
  return rowsOf(framework, costs, random, CPU_TIME)
}

function rowsOf(framework, costs, random, { mark, cost }) {
  const bare = costs.bare.map((each, round) => (each + costs['bare again'][round]) / 2)
  const noise = spreadOf(costs['bare again'].map((each, round) => each / costs.bare[round]))
  const typical = (values) => cost(quantile(values, 0.5))
  const added = (variant) => costs[variant].map((value, round) => value - bare[round])
  const differences = costs.bare.map((each, round) => {
    const again = costs['bare again'][round]
    return Math.max(each, again) / Math.min(each, again)
  })

  const rows = [
    {
      what: `${framework}: two bare servers, the dearer / the cheaper${mark}`,
      most: MOST_NOISE,
      reached: spreadOf(differences),
      noise: null,
      unit: '×',
    },
    ...[
      ['wrapped', 1.03],
      ['middleware', 1.06],
    ].map(([variant, most]) => ({
      what: `${framework}: ${variant} / bare${mark}`,
      most,
      reached: spreadOf(costs[variant].map((value, round) => value / bare[round])),
      noise,
      unit: '×',
      note: `${typical(costs[variant])} / ${typical(bare)} a request`,
    })),
  ]
  if (!(framework in PEERS)) return rows
  return [
    ...rows,
    {
      what: `${framework}: added by the middleware / by ${PEERS[framework]}${mark}`,
      most: 0.35,
      reached: ratioOfMedians(added('middleware'), added('metrics'), random),
      noise: null,
      unit: '×',
      note: `${typical(added('middleware'))} / ${typical(added('metrics'))} a request`,
    },
  ]
}
