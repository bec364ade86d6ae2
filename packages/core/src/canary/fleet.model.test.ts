import fc from 'fast-check'
import { expect, it } from 'vitest'
import { COMMANDS, walk } from './fleet-walks.fixture.js'

const names = Object.keys(COMMANDS) as (keyof typeof COMMANDS)[]

const command = fc.tuple(
  fc.constantFrom<keyof typeof COMMANDS>(...names, 'serve', 'serve', 'idle', 'heal'),
  fc.integer({ min: 0, max: 2 }),
)

it('processes keep their promises through losses of processes, messages, leases and stored data', async () => {
  let writes = 0
  const walks = fc.asyncProperty(fc.array(command, { minLength: 4, maxLength: 20 }), async (commands) => {
    writes += await walk(commands)
  })
  await fc.assert(walks, { numRuns: Number(process.env.RUNS ?? 20) })
  expect(writes).toBeGreaterThan(0)
  if (process.env.RUNS) process.stdout.write(`${writes} writes\n`)
})
