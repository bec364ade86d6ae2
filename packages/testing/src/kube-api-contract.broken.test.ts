import { describe, expect, it } from 'vitest'
import { BREAKAGES } from './kube-api-contract/breakages.fixture.js'
import { type Breakage, brokenServer } from './kube-api-contract/broken-server.fixture.js'
import { type KubeApiRule, kubeApiContract } from './kube-api-contract.js'

const RULES = Object.keys(BREAKAGES) as KubeApiRule[]

/** The rules of a contract with a broken server, on a runner of three lines. */
function rulesWith(breakage: Breakage, patienceMs = 1_500): Map<string, () => Promise<void>> {
  const bodies = new Map<string, () => Promise<void>>()
  const register = (name: string, body: () => Promise<void>) => void bodies.set(name.replace(/^.*contract: /, ''), body)
  const runner = { it: Object.assign(register, { skip: () => {} }) }
  kubeApiContract(runner, 'broken', () => brokenServer(breakage), { patienceMs })
  return bodies
}

describe('kubeApiContract', () => {
  it('has a broken server for every rule', () => {
    expect([...rulesWith({}).keys()].sort()).toEqual(RULES.toSorted())
  })

  describe('passes a server behind a proxy that breaks nothing', () => {
    for (const [rule, body] of rulesWith({}, 10_000)) it(rule, body)
  })

  for (const rule of RULES) {
    const [fault, breakage] = BREAKAGES[rule]
    it(`fails a server that ${fault}: ${rule}`, async () => {
      await expect(rulesWith(breakage).get(rule)!()).rejects.toThrow()
    })
  }

  it('shows a skipped rule with its reason, and does not run it', () => {
    const shown: string[] = []
    const register = Object.assign(() => {}, { skip: (name: string) => void shown.push(name) })
    const skip = [{ test: 'answers as application/json', reason: 'a gateway rewrites it' }] as const
    kubeApiContract({ it: register }, 'picky', () => brokenServer({}), { skip })
    expect(shown).toEqual(['picky kube API contract: answers as application/json (skipped: a gateway rewrites it)'])
  })
})
