import { expectTypeOf, it } from 'vitest'
import type { RouteAction } from '../http/routes/route-options.js'
import type { OperatorVerb, Verbs } from './verbs.js'

it('has a verb and a route for everything that an operator can ask for, and no other', () => {
  expectTypeOf<keyof Verbs>().toEqualTypeOf<OperatorVerb>()
  expectTypeOf<RouteAction>().toEqualTypeOf<OperatorVerb>()
})
