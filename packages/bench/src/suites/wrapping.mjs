import { stickyStrategy } from '@model-canary/core'
import CircuitBreaker from 'opossum'
import { startedCanary } from '../harness/canary.mjs'
import { activeKeyAt, newKeyAt } from '../harness/keys.mjs'
import { compare } from '../harness/paired.mjs'
import { ratioRow } from '../harness/row.mjs'

const model = async (input) => input.length

/** Measures what `wrap` adds to an asynchronous handler that does almost nothing. */
export async function wrapping({ rounds }) {
  return [...(await oneCanary(rounds)), ...(await moreCanaries(rounds))]
}

/** Calls of one canary, as in a service. The second comparison has other canaries beside it, so it comes later. */
async function oneCanary(rounds) {
  const canary = await startedCanary()
  const breaker = new CircuitBreaker(model, { timeout: false })
  const comparison = await compare(
    {
      bare: awaiting(model),
      wrapped: awaiting(canary.wrap({ baseline: model, canary: model })),
      opossum: awaiting((input) => breaker.fire(input)),
    },
    { rounds },
  )
  breaker.shutdown()
  await canary.close()
  const row = (what, candidate, reference, most) => ratioRow(comparison, { what, candidate, reference, most })
  return [
    row('wrapped async handler / opossum fire, timeout off', 'wrapped', 'opossum', 0.9),
    row('wrapped / the bare handler', 'wrapped', 'bare'),
    row('opossum / the bare handler', 'opossum', 'bare'),
  ]
}

async function moreCanaries(rounds) {
  const byKey = await startedCanary(stickyStrategy({ salt: 'bench' }))
  const breaker = new CircuitBreaker(model, { timeout: false })
  const allCanary = await startedCanary({ name: 'all', unit: 'request', pick: () => 'canary' })
  const input = { text: 'a review', tags: ['a', 'b'], features: [0.1, 0.2, 0.3] }
  const models = { baseline: async () => 0, canary: async () => 1 }
  const wrappedByKey = byKey.wrap({ baseline: model, canary: model }, { key: (user) => user })
  const comparison = await compare(
    {
      'without fallback': awaiting(callWith(allCanary.wrap(models), input)),
      'with fallback': awaiting(callWith(allCanary.wrap(models, { fallback: true }), input)),
      'by a known key': awaiting(wrappedByKey, activeKeyAt),
      'by a new key': awaiting(wrappedByKey),
      opossum: awaiting((user) => breaker.fire(user)),
    },
    { rounds },
  )
  breaker.shutdown()
  await Promise.all([byKey.close(), allCanary.close()])
  const row = (what, candidate, reference, most) => ratioRow(comparison, { what, candidate, reference, most })
  return [
    row('wrapped, by a known key, beside other canaries / opossum fire', 'by a known key', 'opossum', 1.8),
    row('wrapped, by a new key, beside other canaries / opossum fire', 'by a new key', 'opossum', 1.8),
    row(
      'a canary call whose input is copied for the fallback / one without fallback',
      'with fallback',
      'without fallback',
    ),
  ]
}

const callWith = (wrapped, input) => () => wrapped(input)

function awaiting(handler, keyOf = newKeyAt) {
  return async (calls) => {
    let sum = 0
    for (let call = 0; call < calls; call++) sum += await handler(keyOf(call))
    return sum
  }
}
