import { describe, expectTypeOf, it } from 'vitest'
import { type Names, refuseUnknown } from './options.js'

interface Options {
  readonly key: string
  readonly limit?: number
}

declare const options: Options
declare const optional: Options | false | undefined

describe('the names of options', () => {
  it('are all names of the type, optional ones too', () => {
    expectTypeOf<Names<Options>>().toEqualTypeOf<Readonly<Record<'key' | 'limit', 1>>>()
    refuseUnknown('make', options, { key: 1, limit: 1 })
    refuseUnknown('make', optional, { key: 1, limit: 1 })
  })

  it('are refused by the compiler where one is missing, or is not an option', () => {
    // @ts-expect-error `limit` is missing
    refuseUnknown('make', options, { key: 1 })
    // @ts-expect-error `limits` is not an option
    refuseUnknown('make', options, { key: 1, limit: 1, limits: 1 })
    // @ts-expect-error `limit` is missing
    refuseUnknown('make', optional, { key: 1 })
  })
})
