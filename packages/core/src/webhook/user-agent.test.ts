import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { USER_AGENT } from './user-agent.js'

it('names the version of the package', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  expect(USER_AGENT).toBe(`model-canary/${version}`)
})
