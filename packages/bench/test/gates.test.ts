import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it, vi } from 'vitest'

interface Row {
  readonly what: string
  readonly cheapest: number
}

vi.setConfig({ testTimeout: 300_000 }) // a batch ends after a CPU time, for which a busy machine takes long

const SUITE = fileURLToPath(new URL('../src/suite.mjs', import.meta.url))

/** The rows of a suite, on the built packages, in a process of its own. */
function rowsOf(suite: string): Promise<readonly Row[]> {
  const child = fork(SUITE, [suite, 'quick'], { execArgv: ['--expose-gc'], silent: true })
  let output = ''
  child.stderr?.on('data', (text) => {
    output += text
  })
  return new Promise((resolve, reject) => {
    child.once('message', (message: { rows: readonly Row[] }) => resolve(message.rows))
    child.once('exit', (code) =>
      reject(new Error(`${suite} ended with ${code}; run "npm run build" first?\n${output}`)),
    )
  })
}

/** The ratio of the cheapest batches: on a machine with other work all others tell of that work as well. */
async function cheapestOf(suite: string): Promise<(what: string) => number> {
  const rows = await rowsOf(suite)
  return (what) => {
    const row = rows.find((each) => each.what.startsWith(what))
    if (row === undefined) throw new Error(`${suite} has no row "${what}"`)
    return row.cheapest
  }
}

it('decides in little time, by chance and by key', async () => {
  const cheapest = await cheapestOf('routing')
  expect(cheapest('an empty loop')).toBeLessThan(0.5) // what is measured is not optimised away
  expect(cheapest('assign, by chance')).toBeLessThan(4)
  expect(cheapest('assign, by a known key / GrowthBook')).toBeLessThan(0.45) // 0.2; if it is hashed, 0.7
  expect(cheapest('assign, by a new key / LaunchDarkly')).toBeLessThan(0.6)
  expect(cheapest('assign, by a new key / OpenFeature')).toBeLessThan(1)
})

it('records in a quarter of the time of prom-client, however many there were', async () => {
  const cheapest = await cheapestOf('recording')
  expect(cheapest('record / prom-client')).toBeLessThan(0.25)
  expect(cheapest('metrics() after')).toBeLessThan(1.2)
})

it('wraps a handler in less than 1.8 times the time of a circuit breaker', async () => {
  const cheapest = await cheapestOf('wrapping')
  expect(cheapest('wrapped async handler / opossum')).toBeLessThan(1.8) // 1.3 to 1.45; with a getter in the list of pending calls, 1.9
})

it('renders a scrape in less than one and a half times the time of prom-client', async () => {
  const cheapest = await cheapestOf('scraping')
  expect(cheapest('a scrape of')).toBeLessThan(1.5)
})
