// What every published package must do as it is installed, as an ES module and as a CommonJS module.
// Runs on every supported version of Node; the file must also end by itself.
import { equal, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, it } from 'node:test'

const require = createRequire(import.meta.url)

const kinds = [
  { kind: 'import', load: (name) => import(name) },
  { kind: 'require', load: async (name) => require(name) },
]

/** One entry for each package: a few lines that do something real with it, given what loads modules. */
const trials = {
  async '@model-canary/core'(load) {
    const { CanaryError, isCanaryError, systemClock } = await load('@model-canary/core')
    const error = new CanaryError('CLOSED', 'create a new one')
    ok(isCanaryError(error, 'CLOSED'))
    await new Promise((resolve) => systemClock.schedule(1, resolve, { keepAlive: true }))
    systemClock.schedule(3_600_000, () => {}) // must not keep this process alive
    await load('@model-canary/core/node')
  },

  async '@model-canary/testing'(load) {
    const { manualClock } = await load('@model-canary/testing')
    const clock = manualClock()
    let ticks = 0
    clock.schedule(60_000, () => {
      ticks += 1
    })
    await clock.advance(60_000)
    equal(ticks, 1)
  },
}

const installed = Object.keys(JSON.parse(readFileSync('package.json', 'utf8')).dependencies)

describe('every published package', () => {
  for (const name of installed) {
    it(`${name} is tried`, () => ok(Object.hasOwn(trials, name), `add a trial of ${name} to this file`))
  }
})

for (const { kind, load } of kinds) {
  describe(`by ${kind}`, () => {
    for (const [name, trial] of Object.entries(trials).filter(([name]) => installed.includes(name))) {
      it(`${name} works`, () => trial(load))
    }
  })
}

it('an error is known across the ES module and the CommonJS module', async () => {
  const { CanaryError } = await import('@model-canary/core')
  const { isCanaryError } = require('@model-canary/core')
  ok(isCanaryError(new CanaryError('CLOSED', 'create a new one'), 'CLOSED'))
})
