import { DIFFERING_USERS } from './differing-users.mjs'
import { HELD_OUT } from './held-out.mjs'
import { INCIDENTS } from './incidents.mjs'
import { JUDGES } from './judges.mjs'
import { OUTAGES } from './outages.mjs'
import { SCENARIOS } from './scenarios.mjs'
import { SCRAPED } from './scraped.mjs'
import { SHIFTS } from './shifts.mjs'
import { UPTIMES } from './uptimes.mjs'

/** All situations; the held-out ones last. */
export const ALL_SCENARIOS = [
  ...SCENARIOS,
  ...OUTAGES,
  ...INCIDENTS,
  ...UPTIMES,
  ...DIFFERING_USERS,
  ...SHIFTS,
  ...SCRAPED,
  ...HELD_OUT,
]

/**
 * Returns the situation with a name.
 *
 * @param {string} name
 */
export const scenarioOf = (name) => named(ALL_SCENARIOS, name, 'scenario')

/**
 * Returns the judge with a name.
 *
 * @param {string} name
 */
export const contestant = (name) => named(JUDGES, name, 'judge')

function named(list, name, what) {
  const found = list.find((each) => each.name === name)
  if (found === undefined)
    throw new Error(`no ${what} "${name}"; there are ${list.map((each) => each.name).join(', ')}`)
  return found
}
