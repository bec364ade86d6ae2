// What the looks of the judge cost: `npm run --prefix packages/bench bench:look-cost`. A canary with the default options
// in virtual time: the CPU time of all that its timers do, and what its recorder holds.
import { parseArgs } from 'node:util'
import { recorderMemory } from './memory.mjs'
import { lookCost } from './rollout.mjs'

/** The minutes that are measured, of which the least counts, by the requests in a second. */
const ROUNDS = { 5: 40, 50: 40, 500: 20, 5000: 6 }

const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  options: { rate: { type: 'string', multiple: true, default: Object.keys(ROUNDS) } },
})

for (const isByKey of [false, true]) {
  const words = isByKey ? 'sticky' : 'random'
  for (const rate of values.rate) {
    const { perSecondUs, perRequestUs, heldBytes } = await lookCost({
      ...{ perSecond: Number(rate), isByKey, rounds: ROUNDS[rate] ?? 10 },
    })
    console.log(
      `${words}, ${rate.padStart(5)}/s: ${perSecondUs.toFixed(0).padStart(4)} µs a second, ` +
        `${perRequestUs.toFixed(2).padStart(6)} µs a canary request, ${heldBytes.toFixed(2)} B held a request`,
    )
  }
  for (const metricGuardrails of [0, 1, 4]) {
    const { saidKiB, heldKiB } = recorderMemory({ metricGuardrails, isByKey })
    console.log(
      `${words}, ${metricGuardrails} metric guardrails: ${saidKiB.toFixed(1)} KiB a version by byteLength, ` +
        `${heldKiB.toFixed(1)} KiB measured`,
    )
  }
}
