import { describe, expect, it } from 'vitest'
import { healthOf } from '../../page/model/health.js'
import { statusWith } from './status.fixture.js'

const storeIn = (internalErrors: Readonly<Record<string, number>>) =>
  healthOf(statusWith({ internalErrors })).find(({ part }) => part === 'Store')

describe('the store', () => {
  it.each([['STORE_FAILED'], ['STORE_UNUSABLE'], ['REDIS_FAILED'], ['REDIS_UNANSWERED'], ['KUBE_FORBIDDEN']])(
    'has failed before where %s was counted, which is the code that each store gives',
    (code) => {
      expect(storeIn({ [code]: 2, REDIS_MISROUTED: 1 })).toMatchObject({
        tone: 'wary',
        words: 'Answers now; it failed 3 times before.',
      })
    },
  )

  it('has not failed where something else has', () => {
    expect(storeIn({ TARGET_FAILED: 2 })).toMatchObject({ tone: 'good' })
  })
})
