import { describe, expect, it } from 'vitest'
import { type FakeRole, isAllowed } from './roles.js'

const wish = {
  verb: 'patch',
  group: 'networking.istio.io',
  resource: 'virtualservices',
  namespace: 'ml',
  name: 'sentiment',
}

const role: FakeRole = { apiGroups: ['networking.istio.io'], resources: ['virtualservices'], verbs: ['get', 'patch'] }

describe('isAllowed', () => {
  it('allows what one rule names, and nothing without a rule', () => {
    expect(isAllowed([role], wish)).toBe(true)
    expect(isAllowed([], wish)).toBe(false)
    expect(isAllowed([role], { ...wish, verb: 'delete' })).toBe(false)
    expect(isAllowed([role], { ...wish, resource: 'destinationrules' })).toBe(false)
    expect(isAllowed([role], { ...wish, group: '' })).toBe(false)
  })

  it('takes the status of an object for a resource of its own', () => {
    expect(isAllowed([role], { ...wish, resource: 'virtualservices/status' })).toBe(false)
  })

  it('keeps to the names of a rule, and never allows a create by them', () => {
    const named = { ...role, verbs: ['*'], resourceNames: ['sentiment'] }
    expect(isAllowed([named], wish)).toBe(true)
    expect(isAllowed([named], { ...wish, name: 'other' })).toBe(false)
    expect(isAllowed([named], { ...wish, verb: 'create', name: undefined })).toBe(false)
  })

  it('keeps to the namespace of a rule', () => {
    expect(isAllowed([{ ...role, namespace: 'ml' }], wish)).toBe(true)
    expect(isAllowed([{ ...role, namespace: 'ml' }], { ...wish, namespace: undefined })).toBe(false)
  })
})
