// Runs one rollout after the other, as the parent asks for them.
import { contestant, scenarioOf } from './line-up.mjs'
import { runOne } from './run-one.mjs'
import { runScraped } from './run-scraped.mjs'

process.on('message', async ({ scenario: name, judge, seed }) => {
  try {
    const scenario = scenarioOf(name)
    const run = scenario.scrapes === undefined ? runOne : runScraped
    process.send({ result: await run(scenario, contestant(judge), seed) })
  } catch (error) {
    process.send({ error: error.stack })
  }
})
