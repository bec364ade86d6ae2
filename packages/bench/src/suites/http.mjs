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

/** What is measured: CPU time, and instructions where there is valgrind. */
const INSTRUCTIONS = { mark: 'instructions', cost: (value) => `${(value / 1_000).toFixed(1)} k instructions` }
const CPU_TIME = { mark: 'CPU time', cost: nanoseconds }

/** Measures what a request costs on one framework: bare, wrapped and through the middleware. */
export async function http(framework, { isQuick }) {
  const variants = framework in PEERS ? [...VARIANTS, 'metrics'] : VARIANTS
  const noCosts = () => Object.fromEntries(variants.map((variant) => [variant, []]))
  const random = seededRandom(1)
  const cpuTimes = noCosts()
  await measureCpuTime(framework, cpuTimes, cpuTimeExtent(framework, isQuick), random)
  const rows = rowsOf(framework, cpuTimes, random, CPU_TIME)

  const valgrind = findValgrind()
  if (valgrind === undefined) {
    console.warn(`${framework}: there is no valgrind, so the instructions are not counted`)
    return rows
  }
  const instructions = noCosts()
  const extent = { generations: isQuick ? 1 : 3, warmUp: 6_000, batches: 9, requests: 200 }
  await measureInstructions(valgrind, framework, instructions, extent)
  return [...rows, ...rowsOf(framework, instructions, random, INSTRUCTIONS)]
}

/** Express takes several times as long for a request as the others, so it gets fewer. */
function cpuTimeExtent(framework, isQuick) {
  const requests = framework === 'express' ? 500 : 2_000
  return isQuick
    ? { generations: 2, warmUp: 10 * requests, rounds: 6, requests }
    : { generations: 8, warmUp: 25 * requests, rounds: 8, requests }
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
      what: `${framework}: two bare servers, the dearer / the cheaper, ${mark}`,
      most: MOST_NOISE,
      reached: spreadOf(differences),
      noise: null,
      unit: '×',
    },
    ...[
      ['wrapped', 1.03],
      ['middleware', 1.06],
    ].map(([variant, most]) => ({
      what: `${framework}: ${variant} / bare, ${mark}`,
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
      what: `${framework}: added by the middleware / by ${PEERS[framework]}, ${mark}`,
      most: 0.35,
      reached: ratioOfMedians(added('middleware'), added('metrics'), random),
      noise: null,
      unit: '×',
      note: `${typical(added('middleware'))} / ${typical(added('metrics'))} a request`,
    },
  ]
}
