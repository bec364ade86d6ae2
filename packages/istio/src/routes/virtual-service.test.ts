import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../kube/kube.js'
import { httpRouteTable } from './http-route.js'
import { virtualServiceTable } from './virtual-service.js'

const to = (subset: string, weight?: number) => ({
  destination: { host: 'sentiment', subset },
  ...(weight !== undefined && { weight }),
})
const object = (http: readonly unknown[]): KubeObject => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name: 'sentiment' },
  spec: { http },
})
const options = {
  namespace: 'models',
  virtualService: 'sentiment',
  route: 'split',
  destinations: {
    baseline: { host: 'sentiment', subset: 'stable' },
    canary: { host: 'sentiment', subset: 'canary' },
  },
  stickyHeader: undefined,
}
const plain = virtualServiceTable(options)
const sticky = virtualServiceTable({ ...options, stickyHeader: 'x-bucket' })
const invalid = expect.objectContaining({ code: 'ROUTE_INVALID' })

describe('a canary that gets nothing', () => {
  it.each([
    ['its destination was taken out', [to('stable', 100)]],
    ['the baseline is alone, and says no weight', [to('stable')]],
    ['a third destination gets some', [to('stable', 70), to('canary', 0), to('other', 30)]],
    ['the baseline is there twice', [to('stable', 60), to('stable', 40), to('canary', 0)]],
  ])('has 0 %%, and no higher weight is written: %s', (_name, route) => {
    const found = object([{ name: 'split', route }])
    expect(plain.weightIn(found)).toBe(0)
    expect(() => plain.specFor(found, 10)).toThrow(invalid)
  })

  it.each([
    ['alone, whatever weight it says', [to('canary', 0)]],
    ['beside nothing that has a weight', [to('canary', 0), to('stable', 0)]],
  ])('is distinguished from one that is %s', (_name, route) => {
    expect(() => plain.weightIn(object([{ name: 'split', route }]))).toThrow(invalid)
  })
})

describe('a rollback', () => {
  const after = (route: readonly unknown[]) =>
    (plain.specFor(object([{ name: 'split', route }]), 0).http as { route: unknown }[])[0]!.route

  it('gives 100 to the first baseline if there are two: the sum stays 100', () => {
    const route = [to('stable', 40), to('stable', 40), to('canary', 20)]
    expect(after(route)).toEqual([to('stable', 100), to('stable', 0), to('canary', 0)])
  })

  it('never makes the sum of the weights 0: a route without a baseline stays as it is', () => {
    expect(after([to('canary', 100)])).toEqual([to('canary', 100)])
    expect(() => plain.weightIn(object([{ name: 'split', route: [to('canary', 100)] }]))).toThrow(
      /no destination for the baseline/,
    )
    const rules = [{ backendRefs: [{ name: 'v2', weight: 1 }] }]
    const named = { ...rules[0], name: 'split' }
    const gateway = httpRouteTable({
      namespace: 'models',
      httpRoute: 'sentiment',
      rule: 'split',
      backends: { baseline: 'v1', canary: 'v2' },
    })
    expect(gateway.specFor({ ...object([]), spec: { rules: [named] } }, 0)).toEqual({ rules: [named] })
  })

  it.each([
    ['a delegate', { delegate: { name: 'other' } }],
    ['a redirect', { redirect: { uri: '/' } }],
  ])('does not change a route without destinations: %s', (_name, rest) => {
    const entry = { name: 'split', ...rest }
    expect(plain.specFor(object([entry]), 0)).toEqual({ http: [entry] })
    expect(() => plain.weightIn(object([entry]))).toThrow(invalid)
  })

  it('keeps a mirror, a fault and a match', () => {
    const entry = {
      name: 'split',
      mirror: { host: 'shadow' },
      fault: {},
      match: [{}],
      route: [to('stable', 90), to('canary', 10)],
    }
    const { http } = plain.specFor(object([entry]), 0)
    expect(http).toEqual([{ ...entry, route: [to('stable', 100), to('canary', 0)] }])
  })
})

describe('the route of sticky callers', () => {
  const by = (regex: string) => ({ headers: { 'x-bucket': { regex } } })
  const split = (canary: number) => ({ name: 'split', route: [to('stable', 100 - canary), to('canary', canary)] })
  const bucketed = (match: unknown, canary = 100) => ({
    ...(match !== undefined && { match }),
    name: 'split-sticky',
    route: [to('stable', 100 - canary), to('canary', canary)],
  })

  it.each([
    ['no conditions', undefined],
    ['an empty list of them', []],
    ['one without the header', [by('[0-9]'), { uri: { prefix: '/' } }]],
    ['one that wants the header exactly', [{ headers: { 'x-bucket': { exact: '5' } } }]],
  ])('gets no canary with %s, because it would match every caller', (_name, match) => {
    expect(() => sticky.specFor(object([bucketed(match, 0), split(0)]), 10)).toThrow(invalid)
    expect(() => sticky.weightIn(object([bucketed(match), split(10)]))).toThrow(invalid)
    expect(sticky.specFor(object([bucketed(match), split(10)]), 0)).toMatchObject({
      http: [{ route: [to('stable', 100), to('canary', 0)] }, { route: [to('stable', 100), to('canary', 0)] }],
    })
  })

  it('has the same pattern in every one of its conditions', () => {
    const match = [{ ...by('[0-4]'), uri: { prefix: '/a' } }, by('[0-9]')]
    expect(() => sticky.weightIn(object([bucketed(match), split(10)]))).toThrow(invalid)
    const written = object(sticky.specFor(object([bucketed(match), split(10)]), 5).http as unknown[])
    expect(sticky.weightIn(written)).toBe(5)
  })

  it('must be before the route that splits, or no caller would reach it', () => {
    const found = object([split(10), bucketed([by('[0-9]')])])
    expect(() => sticky.weightIn(found)).toThrow(/before/)
    expect(() => sticky.specFor(found, 25)).toThrow(invalid)
  })

  it('is not required for a rollback, and neither is the route that splits', () => {
    expect(sticky.specFor(object([split(10)]), 0)).toEqual({ http: [split(0)] })
    expect(sticky.weightIn(object([split(0)]))).toBe(0)
    expect(() => sticky.weightIn(object([split(10)]))).toThrow(expect.objectContaining({ code: 'ROUTE_NOT_FOUND' }))
    const { http } = sticky.specFor(object([bucketed([by('[0-9]')])]), 0) as { http: unknown[] }
    expect(http).toMatchObject([{ route: [to('stable', 100), to('canary', 0)] }])
    expect(() => sticky.specFor(object([]), 0)).toThrow(expect.objectContaining({ code: 'ROUTE_NOT_FOUND' }))
  })
})
