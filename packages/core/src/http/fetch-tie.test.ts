import { describe, expect, it } from 'vitest'
import { stage } from '../serving/stage.fixture.js'
import { fetchTie } from './fetch-tie.fixture.js'
import { requestCanary } from './live-request.js'
import type { RequestCanary } from './request-canary.js'

type Handler = (canary: RequestCanary) => Response | Promise<Response>

/** A host that serves `Request` and `Response`, with a canary in front of a handler. */
async function host(handle: Handler) {
  const { canary, counts } = await stage()
  const serve = async (request: Request): Promise<Response> => {
    const tie = fetchTie(request)
    const key = request.headers.get('x-user-id')
    const made = requestCanary(canary, tie, { request: () => ({ key }), versionHeader: 'x-model-version' })
    try {
      return tie.finish(await handle(made as RequestCanary))
    } catch {
      tie.fail()
      return new Response('failed', { status: 500 })
    }
  }
  return { serve, counts }
}

const ask = (signal?: AbortSignal): Request => new Request('http://host/predict', signal ? { signal } : {})

const models = { baseline: () => 'by v1', canary: () => 'by v2' }

describe('a canary on a host without Node’s responses', () => {
  it('runs a version, counts it, and names it in the response', async () => {
    const { serve, counts } = await host(async (canary) => new Response(await canary.run(models)))
    const response = await serve(ask())
    expect([await response.text(), response.headers.get('x-model-version')]).toEqual(['by v2', 'v2'])
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('counts nothing for a request that does not touch it', async () => {
    const { serve, counts } = await host(() => new Response('ok'))
    const response = await serve(ask())
    expect([await response.text(), response.headers.get('x-model-version')]).toEqual(['ok', null])
    expect(counts()).toEqual({})
  })

  it.each([
    [200, { 'v2 success': 1 }],
    [202, { 'v2 ignored': 1 }],
    [503, { 'v2 error': 1 }],
  ])('takes the outcome of a request that is not run from status %i', async (status, expected) => {
    const { serve, counts } = await host((canary) => new Response(canary.version, { status }))
    await (await serve(ask())).text()
    expect(counts()).toEqual(expected)
  })

  it('ends the call with the last byte of the body, not with its first', async () => {
    const { serve, counts } = await host((canary) => new Response(canary.version))
    const response = await serve(ask())
    expect(counts()).toEqual({ 'v2 in flight': 1 })
    await response.text()
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('counts a handler that throws as an error', async () => {
    const { serve, counts } = await host((canary) => {
      throw new Error(canary.version)
    })
    await serve(ask())
    expect(counts()).toEqual({ 'v2 error': 1 })
  })

  it('aborts the signal when the client leaves, and counts the call as aborted', async () => {
    const leaving = new AbortController()
    const seen: boolean[] = []
    const { serve, counts } = await host(async ({ signal }) => {
      leaving.abort()
      seen.push(signal.aborted)
      return new Response('too late')
    })
    await serve(ask(leaving.signal))
    expect(seen).toEqual([true])
    expect(counts()).toEqual({ 'v2 aborted': 1 })
  })

  it('only reads if the request was answered before its canary was used', async () => {
    const made: RequestCanary[] = []
    const { serve, counts } = await host((canary) => {
      made.push(canary)
      return new Response(null, { status: 204 })
    })
    await serve(ask())
    expect(made[0]!.version).toBe('v2')
    expect(counts()).toEqual({})
  })
})
