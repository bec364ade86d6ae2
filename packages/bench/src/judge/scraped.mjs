// A controller over counts that are scraped once a minute, each version at its own second: see run-scraped.mjs.
import { bad, good } from './scenario.mjs'
import { versionOf } from './version.mjs'

/** Two pods: the counts of both versions are never up to date in the same look. */
const BY_THE_MINUTE = { everyMs: 60_000, offsetsMs: { baseline: 5_000, canary: 35_000 } }

const versus = (canary) => () => ({ requestsPerSecond: 50, baseline: versionOf(), canary: versionOf(canary) })

const more = (reach) => ({ group: 'scraped', scrapes: BY_THE_MINUTE, reach })

/** @type {readonly import('./scenario.mjs').Scenario[]} */
export const SCRAPED = [
  good('scraped-identical', 'scraped each minute: identical', versus({}), more({ unpromoted: 0.01, splitAlerts: 0 })),
  bad('scraped-plus-5', 'scraped each minute: +5 points', versus({ errorRate: 0.06 }), more({})),
  bad('scraped-half', 'scraped each minute: 50 % errors', versus({ errorRate: 0.5 }), more({})),
]
