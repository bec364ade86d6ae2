import { existsSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { type Canary, ERROR_CODES } from '@model-canary/core'
import { ISTIO_ERROR_CODES } from '@model-canary/istio'
import { PROMETHEUS_ERROR_CODES } from '@model-canary/prometheus'
import { REDIS_ERROR_CODES } from '@model-canary/redis'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { anchorOf, blocksOf, type CodeBlock, headingsOf, linksOf, pages, ROOT, readmes } from './docs/markdown.js'
import { claimsOf, runBlock } from './docs/run-block.js'
import { typeCheck } from './docs/type-check.js'

vi.setConfig({ testTimeout: 120_000 })

const all = pages().flatMap((page) => blocksOf(page))
const typescript = all.filter(({ info }) => /^ts\b/.test(info))
const runnable = typescript.filter(({ info }) => info === 'ts run')
const at = ({ page, line }: CodeBlock) => `${page}:${line}`
const made = (code: string): CodeBlock => ({ page: 'made-up.md', line: 10, info: 'ts run', code })

describe('the code blocks', () => {
  it('are TypeScript, or in a language that is not checked', () => {
    expect(all.filter(({ info }) => !['ts', 'ts run', 'sh', 'mermaid'].includes(info)).map(at)).toEqual([])
  })

  it('compare no request with a variable that may be missing, because everybody would be an operator then', () => {
    const compared = /[!=]== .*process\.env|Buffer\.from\(.*process\.env/
    const blocks = [...new Set([...pages(), ...readmes()])].flatMap((page) => blocksOf(page))
    expect(blocks.filter(({ code }) => compared.test(code)).map(at)).toEqual([])
  })

  it('are type-checked, all of them: only the wrong one that is added here is found', () => {
    const wrong = made("import { errorRate } from '@model-canary/core'\nerrorRate({ margins: 0.02 })\n")
    expect(typeCheck([...typescript, wrong])).toEqual([expect.stringMatching(/^made-up\.md:11: .*'margins'/)])
  })
})

describe('the blocks that run', () => {
  let open: Readonly<Record<string, unknown>> = {}
  beforeAll(() => {
    process.env.PORT = '0' // any free one
    vi.spyOn(console, 'info').mockImplementation(() => {})
  })
  afterEach(async () => {
    const { server, canary } = open as { readonly server?: Server; readonly canary?: Canary }
    await canary?.close()
    server?.closeAllConnections()
    server?.close()
    open = {}
  })

  it.each(runnable.map((block) => [at(block), block] as const))('does what it says: %s', async (_name, block) => {
    expect(claimsOf(block)).toBeGreaterThan(0)
    open = await runBlock(block)
  })

  it('fail if a claim is not true', async () => {
    await expect(runBlock(made('const two = 1 + 1\ntwo // => 3\n'))).rejects.toThrow(/2 !== 3/)
  })

  it('make a service that answers as the quickstart says', async () => {
    open = await runBlock(runnable.find(({ page }) => page === 'docs/quickstart.md')!)
    const { port } = (open.server as Server).address() as AddressInfo
    const origin = `http://127.0.0.1:${port}`
    const answer = await fetch(`${origin}/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-user-id': 'ada' },
      body: '{"text":"a good day"}',
    })
    expect([answer.status, await answer.json()]).toEqual([200, { prediction: 'positive', confidence: 0.87 }])
    expect(answer.headers.get('x-model-version')).toBe('v1')
    const status = await fetch(`${origin}/canary/status`)
    expect(await status.json()).toMatchObject({ name: 'sentiment', epoch: 1, explanation: expect.any(String) })
    const metrics = await fetch(`${origin}/canary/metrics`)
    expect(await metrics.json()).toMatchObject({ v1: { requestCount: 1, predictionDistribution: { positive: 1 } } })
  })
})

describe('the pages', () => {
  it('explain every error code, in the order of the codes and no other', () => {
    const codes = headingsOf('docs/errors.md').filter((heading) => /^[A-Z_]+$/.test(heading))
    expect(codes).toEqual([...ERROR_CODES, ...ISTIO_ERROR_CODES, ...PROMETHEUS_ERROR_CODES, ...REDIS_ERROR_CODES])
  })

  it.each([...new Set([...pages(), ...readmes()])])('lead nowhere that is not there: %s', (page) => {
    const dead = linksOf(page).filter((link) => {
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? page : join(dirname(page), path)
      if (!existsSync(join(ROOT, target))) return true
      return anchor !== undefined && !headingsOf(target).some((heading) => anchorOf(heading) === anchor)
    })
    expect(dead).toEqual([])
  })

  it('show the quickstart’s short form in the README in 25 lines at most', () => {
    const [first] = runnable.filter(({ page }) => page === 'README.md')
    expect(first!.code.trimEnd().split('\n').length).toBeLessThanOrEqual(25)
  })
})
