import { describe, expect, it } from 'vitest'
import { DEFAULT_RESOURCES } from './default-resources.js'
import { type FakeSchema, misfits, pruned } from './schema.js'

const schemaOf = (plural: string) => DEFAULT_RESOURCES.find((resource) => resource.plural === plural)!.schema!

describe('misfits', () => {
  it('names the field of a weight that is a string', () => {
    const object = { spec: { http: [{ route: [{ weight: 90 }, { weight: '10' }] }] } }
    expect(misfits(schemaOf('virtualservices'), object)).toEqual([
      {
        reason: 'FieldValueTypeInvalid',
        message: 'Invalid value: "string": spec.http[0].route[1].weight in body must be of type integer: "string"',
        field: 'spec.http[0].route[1].weight',
      },
    ])
  })

  it.each([33.5, null, true, [1], {}])('finds that %j is no weight', (weight) => {
    const found = misfits(schemaOf('virtualservices'), { spec: { http: [{ route: [{ weight }] }] } })
    expect(found.map(({ field }) => field)).toEqual(['spec.http[0].route[0].weight'])
  })

  it('holds the weights and names of the Gateway API to their bounds', () => {
    const object = { spec: { rules: [{ backendRefs: [{ name: 'a', weight: -1 }, { weight: 1_000_001 }] }] } }
    expect(misfits(schemaOf('httproutes'), object).map(({ field, message }) => `${field}: ${message}`)).toEqual([
      'spec.rules[0].backendRefs[0].weight: Invalid value: -1: spec.rules[0].backendRefs[0].weight in body should be greater than or equal to 0',
      'spec.rules[0].backendRefs[1].name: Required value',
      'spec.rules[0].backendRefs[1].weight: Invalid value: 1000001: spec.rules[0].backendRefs[1].weight in body should be less than or equal to 1000000',
    ])
  })

  it('lets members pass that it does not know', () => {
    const schema: FakeSchema = { type: 'object', properties: { known: { type: 'number' } } }
    expect(misfits(schema, { known: 1, other: 'x', constructor: 1 })).toEqual([])
  })
})

describe('pruned', () => {
  it('leaves out what a schema does not know, and a null where it wants something', () => {
    const http = [
      { nmae: 'split', route: [{ destination: { host: 'a' }, weight: null, headers: { any: { thing: null } } }] },
    ]
    expect(pruned(schemaOf('virtualservices'), { spec: { http, more: 1 }, other: {} })).toEqual({
      spec: { http: [{ route: [{ destination: { host: 'a' }, headers: { any: { thing: null } } }] }] },
    })
  })

  it('keeps every member of a map, and all of an object that it knows nothing of', () => {
    const data = { constructor: 'a', b: 1 }
    expect(pruned(schemaOf('configmaps'), { data })).toEqual({ data })
    expect(pruned({}, { any: { thing: null } })).toEqual({ any: { thing: null } })
  })
})
