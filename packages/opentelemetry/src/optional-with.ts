import { CanaryError } from '@model-canary/core'

/** Returns the value if it is `undefined` or an object with these methods. @throws `INVALID_OPTION` */
export function optionalWith<Thing extends object>(
  name: string,
  value: Thing | undefined,
  methods: readonly (keyof Thing & string)[],
): Thing | undefined {
  if (value === undefined) return undefined
  const lacks = methods.find((method) => typeof value?.[method] !== 'function')
  if (lacks === undefined) return value
  throw new CanaryError('INVALID_OPTION', `${name} has no method ${lacks}`)
}
