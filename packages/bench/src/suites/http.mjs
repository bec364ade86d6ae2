import { seededRandom, shuffled } from '../harness/random.mjs'
import { nanoseconds } from '../harness/row.mjs'
import { quantile, ratioOfMedians, spreadOf } from '../harness/spread.mjs'
import { startServer } from '../http/server-process.mjs'

/** Bare means the same handler without a canary; the second bare server shows how much equal servers differ. */
const VARIANTS = ['bare', 'bare again', 'wrapped', 'middleware']

const PEERS = { fastify: 'fastify-metrics', express: 'express-prom-bundle' }

/** Measures the CPU time of a request on one framework: bare, wrapped and through the middleware. */
export async function http(framework, { isQuick }) {
  const variants = framework in PEERS ? [...VARIANTS, 'metrics'] : VARIANTS
  const random = seededRandom(1)
  const costs = Object.fromEntries(variants.map((variant) => [variant, []]))
  const extent = isQuick
    ? { generations: 1, warmUp: 10_000, rounds: 8, requests: 500 }
    : { generations: 3, warmUp: 20_000, rounds: 10, requests: 1_000 }
  for (let generation = 0; generation < extent.generations; generation++) {
    await measure(framework, costs, { ...extent, random })
  }
  return rowsOf(framework, costs, random)
}

/** One generation of processes. Two processes with the same code may differ permanently, so there are several. */
async function measure(framework, costs, { warmUp, rounds, requests, random }) {
  const servers = {}
  try {
    for (const variant of Object.keys(costs)) {
      servers[variant] = await startServer(framework, variant.replace(' again', ''))
      await servers[variant].costOf(warmUp) // until it is compiled: before, that is most of the cost
    }
    for (let round = 0; round < rounds; round++) {
      for (const variant of shuffled(Object.keys(costs), random)) {
        costs[variant].push(await servers[variant].costOf(requests))
      }
    }
  } finally {
    await Promise.all(Object.values(servers).map((server) => server.stop()))
  }
}

function rowsOf(framework, costs, random) {
  const bare = costs.bare.map((cost, round) => (cost + costs['bare again'][round]) / 2)
  const noise = spreadOf(costs['bare again'].map((cost, round) => cost / costs.bare[round]))
  const cost = (values) => nanoseconds(quantile(values, 0.5) * 1e6)
  const added = (variant) => costs[variant].map((value, round) => value - bare[round])

  const rows = [
    ['wrapped', 1.05],
    ['middleware', 1.12],
  ].map(([variant, most]) => ({
    what: `${framework}: ${variant} / bare`,
    most,
    reached: spreadOf(costs[variant].map((value, round) => value / bare[round])),
    noise,
    unit: '×',
    note: `${cost(costs[variant])} / ${cost(bare)} a request`,
  }))
  if (!(framework in PEERS)) return rows
  return [
    ...rows,
    {
      what: `${framework}: added by the middleware / by ${PEERS[framework]}`,
      most: 0.35,
      reached: ratioOfMedians(added('middleware'), added('metrics'), random),
      noise: null,
      unit: '×',
      note: `${cost(added('middleware'))} / ${cost(added('metrics'))} a request`,
    },
  ]
}
