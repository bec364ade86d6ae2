import { createCanary } from '@model-canary/core'
import { canaryProvider } from '@model-canary/openfeature'
import { OpenFeature, type Provider } from '@openfeature/server-sdk'
import { describe, expectTypeOf, it } from 'vitest'

const canary = createCanary({ name: 'sentiment', versions: { baseline: 'v1', canary: 'v2' } })
const other = createCanary({ name: 'summary', versions: { baseline: 'small', canary: 'large' } })

describe('the provider', () => {
  it('is one of OpenFeature’s, of one canary or of several', () => {
    expectTypeOf(canaryProvider(canary)).toEqualTypeOf<Provider>()
    expectTypeOf(canaryProvider({ sentiment: canary, summary: other })).toEqualTypeOf<Provider>()
    expectTypeOf(OpenFeature.setProviderAndWait).toBeCallableWith(canaryProvider(canary, { start: true, close: true }))
  })

  it('knows its options', () => {
    // @ts-expect-error a misspelt option
    canaryProvider(canary, { starts: true })
    // @ts-expect-error no canary
    canaryProvider({ sentiment: {} })
  })
})
