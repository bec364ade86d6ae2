import { stickyStrategy } from '@model-canary/core'
import CircuitBreaker from 'opossum'
import { startedCanary } from '../harness/canary.mjs'
import { keyAt } from '../harness/keys.mjs'
import { compare } from '../harness/paired.mjs'
import { ratioRow } from '../harness/row.mjs'

const model = async (input) => input.length

/** Measures what `wrap` adds to an asynchronous handler that does almost nothing. */
export async function wrapping({ rounds }) {
  const byChance = await startedCanary()
  const byKey = await startedCanary(stickyStrategy({ salt: 'bench' }))
  const models = { baseline: model, canary: model }
  const breaker = new CircuitBreaker(model, { timeout: false })

  const row = { text: 'a review', tags: ['a', 'b'], features: [0.1, 0.2, 0.3] }
  const allCanary = await startedCanary({ name: 'all', unit: 'request', pick: () => 'canary' })
  const rowModels = { baseline: async () => 0, canary: async () => 1 }

  const comparison = await compare(
    {
      'canary without fallback': awaiting(rowCall(allCanary.wrap(rowModels), row)),
      'canary with fallback': awaiting(rowCall(allCanary.wrap(rowModels, { fallback: true }), row)),
      bare: awaiting(model),
      wrapped: awaiting(byChance.wrap(models)),
      'wrapped, by key': awaiting(byKey.wrap(models, { key: (input) => input })),
      opossum: awaiting((input) => breaker.fire(input)),
    },
    { rounds },
  )
  breaker.shutdown()
  await Promise.all([byChance.close(), byKey.close(), allCanary.close()])
  return [
    ratioRow(comparison, {
      what: 'wrapped async handler / opossum fire, timeout off',
      candidate: 'wrapped',
      reference: 'opossum',
      most: 1,
    }),
    ratioRow(comparison, { what: 'the same, sticky by key', candidate: 'wrapped, by key', reference: 'opossum' }),
    ratioRow(comparison, { what: 'wrapped / the bare handler', candidate: 'wrapped', reference: 'bare' }),
    ratioRow(comparison, { what: 'opossum / the bare handler', candidate: 'opossum', reference: 'bare' }),
    ratioRow(comparison, {
      what: 'a canary call whose input is copied for the fallback / one without fallback',
      candidate: 'canary with fallback',
      reference: 'canary without fallback',
    }),
  ]
}

const rowCall = (wrapped, row) => () => wrapped(row)

function awaiting(handler) {
  return async (calls) => {
    let sum = 0
    for (let call = 0; call < calls; call++) sum += await handler(keyAt(call))
    return sum
  }
}
