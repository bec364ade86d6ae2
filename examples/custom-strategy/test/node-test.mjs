// The same contract under node:test: `node --test test/node-test.mjs`, after a build.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { strategyContract } from '@model-canary/testing'
import { staffFirst } from '../dist/staff-first.js'

strategyContract({ it }, 'staff first', () => staffFirst({ salt: 'contract' }), { sticky: true })

it('sends staff to the canary first', async () => {
  const strategy = await staffFirst({ salt: 'x' })
  assert.equal(strategy.pick({ key: 'ada', attributes: { staff: true } }, 0.01), 'canary')
})
