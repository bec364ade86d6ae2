import { readFileSync } from 'node:fs'
import { errorRate, linearPlan } from '@model-canary/core'
import { simulateRollouts, userKeys } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { folderWith } from './files.fixture.js'
import { bundledProgram, endOf } from './program.fixture.js'
import { ran } from './run.fixture.js'

const PLAN = {
  plan: {
    steps: [
      { weight: 20, minDurationMs: 60_000, minRequests: 100, gate: 'manual' },
      { weight: 100, minDurationMs: 60_000, minRequests: 100 },
    ],
  },
  guardrails: [{ kind: 'errorRate', margin: 0.02 }],
}
const TRAFFIC = { requestsPerSecond: 20, beforeMs: 600_000, worse: 0.2 }

const program = bundledProgram()

describe('model-canary simulate', () => {
  it('says how often a good canary is rolled back, and how many meet a worse one', async () => {
    const path = folderWith({ 'plan.json': { ...PLAN, traffic: TRAFFIC } })
    const { code, stdout, stderr } = await ran(['simulate', path('plan.json'), '--replications', '3'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^a canary that is {3,}as good {3,}20 points worse\n/)
    expect(stdout).toMatch(/\nrolled back {3,}0 % \(0 to 70\.8\) {3,}100 % \(29\.2 to 100\)\n/)
    expect(stdout).toMatch(/\nrolled back by {3,}errorRate 3\n/)
    expect(stdout).toMatch(/\n3 rollouts of each\./)
    expect(stdout).toContain('The gates of the plan count as open.')
  })

  it('gives the same figures for the same seed, in one thread and in several', async () => {
    const path = folderWith({ 'plan.json': PLAN, 'traffic.json': TRAFFIC })
    const args = ['simulate', path('plan.json'), '--traffic', path('traffic.json'), '--json', '--seed', '5']
    const one = await ran([...args, '--replications', '2'])
    const { code, stdout, stderr } = await endOf(process.execPath, [
      ...[program(), ...args, '--replications', '2', '--threads', '2'],
    ])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout)).toEqual(JSON.parse(one.stdout))
    const { results: found } = JSON.parse(stdout)
    expect(found[0].rollouts).toEqual(
      await simulateRollouts({
        ...{ seed: 5, replications: 2, requestsPerSecond: 20, beforeMs: 600_000, horizonMs: 14_400_000 },
        ...{ baseline: { errorRate: 0.01 }, canary: { errorRate: 0.01 }, keyOf: userKeys({ users: 10_000 }) },
        rollout: {
          plan: linearPlan([20, 100], { minDurationMs: 60_000, minRequests: 100 }),
          guardrails: [errorRate({ margin: 0.02 })],
        },
      }),
    )
    const { results } = JSON.parse((await ran([...args.slice(0, -1), '6', '--replications', '2'])).stdout)
    expect(results).not.toEqual(JSON.parse(stdout).results)
  })

  it('takes the traffic of the command line before that of the file, and a canary that is given', async () => {
    const canary = { errorRate: 0.5 }
    const path = folderWith({ 'plan.json': { ...PLAN, traffic: { ...TRAFFIC, canary } } })
    const args = ['--traffic', '30/s', '--error-rate', '0.02', '--worse', '0.1', '--replications', '1', '--json']
    const { traffic, results } = JSON.parse((await ran(['simulate', path('plan.json'), ...args])).stdout)
    expect(traffic).toMatchObject({ requestsPerSecond: 30, worse: 0.1, baseline: { errorRate: 0.02 } })
    expect(results.map(({ scenario }: { scenario: string }) => scenario)).toEqual([
      'as good',
      '10 points worse',
      'as given',
    ])
  })

  it('counts what was done when the time is up', async () => {
    const path = folderWith({ 'plan.json': { ...PLAN, traffic: TRAFFIC } })
    const { code, stdout } = await ran(['simulate', path('plan.json'), '--within', '1ms'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/\n1 rollouts of each of 200: the time was up/)
  })

  it('draws a picture', async () => {
    const path = folderWith({ 'plan.json': { ...PLAN, traffic: TRAFFIC } })
    await ran(['simulate', path('plan.json'), '--replications', '1', '--svg', path('plan.svg')])
    const picture = readFileSync(path('plan.svg'), 'utf8')
    expect(picture).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/)
    expect(picture.match(/20 points worse/g)).toHaveLength(3)
    expect(picture).toMatch(/fill="#b3382c"\/><text[^>]*>100 %<\/text>/)
    expect(picture).not.toMatch(/NaN|undefined|null/)
    expect(
      await ran(['simulate', path('plan.json'), '--replications', '1', '--svg', path('no/plan.svg')]),
    ).toMatchObject({ code: 2, stderr: expect.stringMatching(/cannot be written \(ENOENT\)/) })
  })

  it('has a bar on a terminal, and takes it away', async () => {
    const path = folderWith({ 'plan.json': { ...PLAN, traffic: TRAFFIC } })
    const { stderr } = await ran(['simulate', path('plan.json'), '--replications', '2'], { isTerminal: true })
    expect(stderr).toMatch(/░ 25 %/)
    expect(stderr.endsWith('\r\u001b[K')).toBe(true)
  })

  it('ends with 130 if it is interrupted', async () => {
    const path = folderWith({ 'plan.json': { ...PLAN, traffic: TRAFFIC } })
    const interrupted = AbortSignal.abort()
    expect(await ran(['simulate', path('plan.json')], { interrupted })).toMatchObject({ code: 130, stdout: '' })
  })

  it.each([
    [[], /how much traffic is there\? Pass --traffic 50/],
    [['--traffic', '0'], /requestsPerSecond/],
    [['--traffic', 'nowhere.json'], /nowhere\.json cannot be read/],
    [['--traffic', '5', '--worse', '3'], /number from 0 to 1/],
    [['--traffic', '5', '--replications', '0'], /whole number from 1/],
  ])('ends with 2 for %j', async (args, message) => {
    const path = folderWith({ 'plan.json': PLAN })
    const { code, stderr } = await ran(['simulate', path('plan.json'), ...args])
    expect(code).toBe(2)
    expect(stderr).toMatch(message)
  })
})
