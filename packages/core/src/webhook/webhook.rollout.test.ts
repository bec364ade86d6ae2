import { createCanary, errorRate, linearPlan, randomStrategy } from '@model-canary/core'
import { createController } from '@model-canary/core/controller'
import { thresholdJudge } from '@model-canary/core/judge'
import { webhook, webhookGate } from '@model-canary/core/webhook'
import { verifyWebhook } from '@model-canary/core/webhook-receiver'
import { manualClock, seededRandom } from '@model-canary/testing'
import { expect, it, onTestFinished } from 'vitest'
import { createWorld } from '../controller/controller.fixture.js'
import { nowhere, receiver, statuses, until } from './receiver.fixture.js'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

it('a rollback of a canary sends a signed message', async () => {
  const to = await receiver()
  const clock = manualClock()
  const canary = createCanary({
    name: 'sentiment',
    versions: { baseline: 'v1', canary: 'v2' },
    plan: linearPlan([50, 100], { minDurationMs: 60_000, minRequests: 100 }),
    guardrails: [errorRate({ margin: 0.02 })],
    warmUp: { durationMs: 0 },
    strategy: randomStrategy({ random: seededRandom(1) }),
    clock,
  })
  const still = manualClock() // the rollout's minutes are no time for the network
  const hook = webhook({ url: to.url, secret, clock: still })
  hook.attach(canary)
  await canary.start()
  const predict = canary.wrap({ baseline: () => 'v1', canary: async () => Promise.reject(new Error('broken')) })
  for (let second = 0; second < 60 && canary.status().state !== 'rolled-back'; second += 1) {
    for (let call = 0; call < 50; call += 1) void Promise.resolve(predict()).catch(() => {})
    await clock.advance(1_000)
  }
  await hook.close()

  const messages = to.received.map(({ body }) => JSON.parse(body))
  expect(messages.map(({ type, weight }) => [type, weight])).toEqual([
    ['step', 0],
    ['step', 50],
    ['step', 0],
    ['rolled-back', 0],
  ])
  expect(messages.at(-1)).toMatchObject({
    rollout: 'sentiment',
    versions: { baseline: 'v1', canary: 'v2' },
    epoch: 1,
    state: 'rolled-back',
    text: expect.stringContaining('is rolled back to v1: errorRate'),
    data: { epoch: 1, reason: canary.status().reason },
  })
  for (const { headers, body } of to.received) {
    expect(verifyWebhook({ headers, body, secret, now: still.now() })).toBe(true)
    expect(verifyWebhook({ headers, body, secret: 'another secret of ours', now: still.now() })).toBe(false)
  }
  expect(new Set(to.received.map(({ headers }) => headers['webhook-id'])).size).toBe(4)
})

it('a canary counts the messages that its webhook could not deliver', async () => {
  const to = await receiver(statuses(410))
  const canary = createCanary({ name: 'sentiment', versions: { baseline: 'v1', canary: 'v2' }, clock: manualClock() })
  const hook = webhook({ url: to.url, events: ['rolled-back', 'internal-error'] })
  hook.attach(canary)
  await canary.start()
  await canary.rollback({ reason: 'I said so' })
  await until(() => hook.failed === 1)
  expect([canary.status().internalErrors, hook.pending]).toEqual([{ WEBHOOK_FAILED: 1 }, 0])
})

it('a controller can be attached as well', async () => {
  const to = await receiver()
  const hook = webhook({ url: to.url })
  const controller = createController({
    name: 'sentiment',
    source: { read: async () => 'no-data' },
    target: { apply: async () => {} },
    clock: manualClock(),
  })
  hook.attach(controller)
  await controller.start()
  await controller.rollback()
  await until(() => to.received.some(({ body }) => JSON.parse(body).type === 'rolled-back'))
  await hook.close()
})

/** A rollout whose first step has a gate by webhook, and that everything else lets go on. */
function gated(url: string) {
  const world = createWorld()
  const atLeast = { minDurationMs: 60_000, minRequests: 100 }
  const controller = world.make({
    judge: thresholdJudge({ minSamples: 50 }),
    warmUp: { durationMs: 0 },
    plan: {
      steps: [
        { weight: 10, ...atLeast, gate: webhookGate({ url, clock: world.clock }) },
        { weight: 100, ...atLeast },
      ],
    },
  })
  onTestFinished(() => controller.close())
  return { controller, clock: world.clock }
}

it('a step ends when its webhook gate opens, and not before', async () => {
  const to = await receiver(statuses(403))
  const { controller, clock } = gated(to.url)
  const reasons: string[] = []
  controller.on('decision', ({ reason }) => reasons.push(reason))
  await controller.start()
  await clock.advance(60_000)
  await until(() => reasons.includes('the gate of step 1 said no'))
  expect(controller.status()).toMatchObject({ step: 1, waitingFor: 'gate' })
  to.answer = statuses(204)
  await clock.advance(15_000)
  await until(() => reasons.includes('the gate of step 1 opened'))
  await clock.advance(15_000)
  expect(controller.status()).toMatchObject({ step: 2, weight: 100 })
  expect(JSON.parse(to.received[0]!.body)).toMatchObject({ type: 'gate', epoch: 1, step: 1, weight: 10 })
})

it('a step is held while its gate gets no answer, and the failure is reported', async () => {
  const { controller, clock } = gated(await nowhere())
  await controller.start()
  await clock.advance(60_000)
  await until(() => controller.status().internalErrors.GATE_FAILED === 1)
  await clock.advance(0)
  expect(controller.status()).toMatchObject({ state: 'progressing', step: 1, weight: 10, waitingFor: 'gate' })
})
