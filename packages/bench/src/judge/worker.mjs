// Runs one rollout after the other, as the parent asks for them.
import { contestant, scenarioOf } from './line-up.mjs'
import { runOne } from './run-one.mjs'

process.on('message', async ({ scenario, judge, seed }) => {
  try {
    process.send({ result: await runOne(scenarioOf(scenario), contestant(judge), seed) })
  } catch (error) {
    process.send({ error: error.stack })
  }
})
