import fc from 'fast-check'
import { expect, it } from 'vitest'
import { COMMANDS, type Command, walk } from './fleet-walks.fixture.js'

const names = Object.keys(COMMANDS) as (keyof typeof COMMANDS)[]

const command = fc.tuple(
  fc.constantFrom<keyof typeof COMMANDS>(...names, 'serve', 'serve', 'idle', 'heal'),
  fc.integer({ min: 0, max: 2 }),
)

/** Walks that a wrong rule of the product takes: few of the random ones go there. */
const EXAMPLES: readonly (readonly Command[])[] = [
  // a rollback that only a process without a store knows, and a higher revision in the store
  [
    ...([
      ['serve', 0],
      ['down', 0],
      ['down', 2],
      ['rollback', 1],
      ['down', 1],
      ['putBack', 0],
      ['heal', 0],
    ] as const),
    ...([
      ['idle', 0],
      ['promote', 0],
      ['idle', 0],
      ['pause', 0],
      ['idle', 0],
      ['resume', 0],
      ['heal', 1],
    ] as const),
  ],
  // a leader that judges before it learns that another process has its lease
  [
    ['idle', 1],
    ['idle', 1],
    ['idle', 0],
    ['idle', 0],
    ['idle', 0],
    ['idle', 0],
    ['steal', 0],
    ['idle', 0],
    ['idle', 1],
  ],
  // requests since the last report of a process that is closed
  [
    ['serve', 0],
    ['close', 1],
    ['idle', 0],
    ['serve', 1],
  ],
]

it('processes keep their promises through losses of processes, messages, leases and stored data', async () => {
  let writes = 0
  const walks = fc.asyncProperty(fc.array(command, { minLength: 4, maxLength: 20 }), async (commands) => {
    writes += await walk(commands)
  })
  await fc.assert(walks, { numRuns: Number(process.env.RUNS ?? 20), examples: EXAMPLES.map((walk) => [[...walk]]) })
  expect(writes).toBeGreaterThan(0)
  if (process.env.RUNS) process.stdout.write(`${writes} writes\n`)
})
