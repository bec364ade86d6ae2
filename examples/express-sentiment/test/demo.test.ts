import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterAll, describe, expect, it } from 'vitest'
import { atMost, type DemoProcess, gone, isRunning, originOf, said, servicePidOf, startDemo } from './demo-process.js'

const inPairs = atMost(2)
const started: DemoProcess[] = []

function start(...args: string[]): DemoProcess {
  const demo = startDemo(...args)
  started.push(demo)
  return demo
}

afterAll(() => {
  for (const { child } of started) child.kill('SIGKILL') // does nothing where the test has passed
})

describe.concurrent('the demo, as a process', () => {
  it.each([
    ['good', /promote from 90 % to 100 %/],
    ['cold', /promote from 90 % to 100 %/],
    ['better', /promote from 90 % to 100 %/],
    ['errors', /reason +errorRate: error rate \d/],
    ['slow', /reason +(latency: mean latency|tailLatency: share of requests over) \d/],
    ['shifted', /reason +predictionShift: share of "(positive|negative)" \d/],
    ['crash', /reason +errorRate: error rate \d/],
  ])('plays "%s" to the end that it should have, and says why', (scenario, reason) =>
    inPairs(async () => {
      const demo = start('--exit', '--scenario', scenario)
      const code = await demo.ended
      const output = demo.output()
      const end = reason.source.includes('promote') ? 'promoted' : 'rolled-back'
      expect(output).toContain(`The rollout of scenario "${scenario}" is ${end}`)
      expect(output).toMatch(reason)
      expect(output).not.toContain('\x1b') // a pipe gets plain lines,
      expect(output.indexOf('plan  ')).toBeLessThan(output.indexOf('start: started')) // the plan first,
      expect(output.match(/advance from 0 % to 10 %/g)).toHaveLength(1) // and each decision once
      expect(demo.errors()).toBe('')
      expect(code).toBe(0)
    }),
  )

  it('plays "hung", and stays up after the end with its URLs, until Ctrl-C leaves no process behind', () =>
    inPairs(async () => {
      const demo = start('--scenario', 'hung')
      const origin = await originOf(demo)
      const pid = await servicePidOf(origin)
      await said(demo, 'stays up until Ctrl-C')
      expect(demo.output()).toMatch(/reason +(tailLatency: share of|unansweredRate: rate of|errorRate: error rate)/)
      expect(await (await fetch(`${origin}/canary/status`)).json()).toMatchObject({ state: 'rolled-back', weight: 0 })
      expect(isRunning(pid)).toBe(true)
      demo.child.kill('SIGINT')
      expect(await demo.ended).toBe(0)
      expect(isRunning(pid)).toBe(false)
    }))

  it('ends at once when Ctrl-C interrupts the rollout', () =>
    inPairs(async () => {
      const demo = start()
      const pid = await servicePidOf(await originOf(demo))
      await said(demo, 'start: started')
      demo.child.kill('SIGINT')
      expect(await demo.ended).toBe(130)
      expect(isRunning(pid)).toBe(false)
      expect(demo.errors()).toBe('')
    }))

  it('takes its service along even when it is killed', () =>
    inPairs(async () => {
      const demo = start()
      const pid = await servicePidOf(await originOf(demo))
      demo.child.kill('SIGKILL')
      await gone(pid)
    }))

  it('says so when its service goes away', () =>
    inPairs(async () => {
      const demo = start()
      process.kill(await servicePidOf(await originOf(demo)), 'SIGKILL')
      expect(await demo.ended).toBe(1)
      expect(demo.errors()).toMatch(/^The service went away\.\n$/)
    }))

  it('has one clear sentence for a taken port', () =>
    inPairs(async () => {
      const other = createServer().listen(0, '127.0.0.1')
      await once(other, 'listening')
      const { port } = other.address() as { port: number }
      const demo = start('--exit', '--port', String(port))
      expect(await demo.ended).toBe(1)
      expect(demo.errors()).toBe(`Port ${port} is already in use; free it, or pass another one: --port 3001\n`)
      expect(demo.output()).toBe('')
      other.close()
    }))

  it('refuses what it does not know, and shows what it does', () =>
    inPairs(async () => {
      const demo = start('--scenario', 'ugly')
      expect(await demo.ended).toBe(2)
      expect(demo.errors()).toContain('--scenario must be one of good, errors')
      expect(demo.errors()).toContain('--rate NUMBER')
      const asked = start('--help')
      expect(await asked.ended).toBe(0)
      expect(asked.output()).toContain('--scenario NAME')
    }))
})
