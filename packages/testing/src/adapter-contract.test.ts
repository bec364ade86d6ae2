import { afterEach, describe, expect, it } from 'vitest'
import { brokenAdapters, leakedTimers } from './adapter-contract/broken-adapters.fixture.js'
import { type AdapterParts, plainAdapter } from './adapter-contract/plain-adapter.fixture.js'
import { type AdapterContractOptions, type AdapterRule, adapterContract } from './adapter-contract.js'

const skip = [{ test: 'lets the process end by itself', reason: 'what is made up in a test is no service' }] as const

describe('on node:http', () => {
  const unseen = Object.assign((name: string, body: () => Promise<void>) => it(name, body), { skip: () => {} })
  adapterContract({ it: unseen }, 'plain', plainAdapter(), { skip })
})

/** The rules of the contract for an adapter, not run. */
function rulesOf(broken: Partial<AdapterParts>, options: AdapterContractOptions) {
  const rules = new Map<string, () => Promise<void>>()
  const register = (name: string, body: () => Promise<void>) => void rules.set(name.replace(/^.*contract: /, ''), body)
  adapterContract({ it: Object.assign(register, { skip: () => {} }) }, 'broken', plainAdapter(broken), options)
  return rules
}

describe('adapterContract', () => {
  afterEach(() => leakedTimers.splice(0).forEach(clearInterval))

  for (const [mistake, { parts, rules }] of Object.entries(brokenAdapters)) {
    it(`finds an adapter that ${mistake}`, async () => {
      const bodies = rulesOf(parts, { skip, patienceMs: 150 })
      const passed: AdapterRule[] = []
      const tries = rules.map(async (rule) => {
        const body = bodies.get(rule)
        expect(body, `there is no rule "${rule}"`).toBeDefined()
        const isPassed = await body?.().then(
          () => true,
          () => false,
        )
        if (isPassed) passed.push(rule)
      })
      await Promise.all(tries)
      expect(passed).toEqual([])
    })
  }

  describe('for the process', () => {
    const rule = (options: AdapterContractOptions) => rulesOf({}, options).get('lets the process end by itself')!
    // a process of node starts within this time, also on a busy machine
    const inline = (source: string) => rule({ service: { script: '-e', args: [source], patienceMs: 8_000 } })

    it('fails if no service is given', async () => {
      await expect(rule({})()).rejects.toThrow('pass "service"')
    })

    it('fails a service that dies before it listens', async () => {
      await expect(inline('process.exit(3)')()).rejects.toThrow('ended with 3 before it listened')
    })

    it('fails a service that does not end', async () => {
      const server = `require('node:http').createServer((_, response) => response.end())`
      const held = inline(`${server}.listen(0, function () { console.log('listening ' + this.address().port) })`)
      await expect(held()).rejects.toThrow('in vain: the process ends')
    })
  })
})
