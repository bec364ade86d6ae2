import { describe, expect, it } from 'vitest'
import { errorOf, stage, TOKEN } from './call.fixture.js'
import { eventually } from './patience.fixture.js'
import { ADDRESS, sendJson } from './server.fixture.js'

describe('the answers', () => {
  it.each([
    [400, 'KUBE_FAILED', 1],
    [401, 'KUBE_UNAUTHORIZED', 2],
    [403, 'KUBE_FORBIDDEN', 1],
    [404, 'KUBE_NOT_FOUND', 1],
    [409, 'KUBE_CONFLICT', 1],
    [415, 'KUBE_FAILED', 1],
    [422, 'KUBE_INVALID', 1],
    [429, 'KUBE_THROTTLED', 4],
    [500, 'KUBE_FAILED', 4],
    [501, 'KUBE_FAILED', 1],
    [502, 'KUBE_FAILED', 4],
    [503, 'KUBE_FAILED', 4],
    [504, 'KUBE_FAILED', 4],
    [302, 'KUBE_FAILED', 1],
  ])('tells status %i as %s, after %i requests', async (status, code, requests) => {
    const { server, kube } = await stage((response) => sendJson(response, status, { kind: 'Status', message: 'sorry' }))
    const error = await errorOf(kube.get(ADDRESS))
    expect(error).toMatchObject({ code, message: expect.stringContaining('The server says: sorry') })
    expect(error).toMatchObject({ message: expect.stringContaining(String(status)) })
    expect(server.requests.length).toBe(requests)
  })

  it('names the verb and the resource that a Role lacks', async () => {
    const { kube } = await stage((response) => sendJson(response, 403, { message: 'User "x" cannot patch' }))
    expect(await errorOf(kube.mergePatch(ADDRESS, {}))).toHaveProperty(
      'message',
      '[KUBE_FORBIDDEN] patch of virtualservices.networking.istio.io "sentiment" in namespace "default": not allowed (403); ' +
        'bind a Role with apiGroups ["networking.istio.io"], resources ["virtualservices"], verbs ["patch"]. ' +
        'The server says: User "x" cannot patch',
    )
  })

  it('names the fields that are wrong', async () => {
    const causes = [
      { field: 'spec.http[0].route[1].weight', message: 'Invalid value: "string"', reason: 'FieldValueTypeInvalid' },
      { field: 'spec.hosts', message: 'Required value' },
    ]
    const { kube } = await stage((response) => sendJson(response, 422, { message: 'is invalid', details: { causes } }))
    const { message } = (await errorOf(kube.mergePatch(ADDRESS, {}))) as Error
    expect(message).toContain('spec.http[0].route[1].weight: Invalid value: "string"; spec.hosts: Required value')
  })

  it('tells a name that is taken from a write that came too late', async () => {
    const reasons = ['AlreadyExists', 'Conflict']
    const { kube } = await stage((response, _, nth) => sendJson(response, 409, { reason: reasons[nth] }))
    expect(await errorOf(kube.create(ADDRESS, {}))).toMatchObject({
      message: expect.stringContaining('of that name already'),
    })
    expect(await errorOf(kube.create(ADDRESS, {}))).toMatchObject({ message: expect.stringContaining('changed since') })
  })

  it('keeps what the server says short, in one line, and without the token', async () => {
    const words = `<html>\n\r\t${TOKEN} \u001b[31m${'x'.repeat(100_000)}`
    const { kube } = await stage((response) => response.writeHead(400).end(words))
    const { message } = (await errorOf(kube.get(ADDRESS))) as Error
    expect(message.length).toBeLessThan(700)
    expect(message).toContain('<html> [token] [31mxxx')
    expect(message).not.toContain(TOKEN)
  })

  it.each([
    ['no JSON', '<html>welcome</html>'],
    ['no object of the API', '{"hello":"world"}'],
    ['an object without a name', '{"apiVersion":"v1","kind":"ConfigMap","metadata":{}}'],
    ['an array', '[]'],
    ['nothing', ''],
  ])('refuses an answer that is %s', async (_, body) => {
    const { kube, server } = await stage((response) => response.writeHead(200).end(body))
    expect(await errorOf(kube.get(ADDRESS))).toMatchObject({ code: 'KUBE_FAILED' })
    expect(server.requests.length).toBe(1)
  })

  it('stops to read an answer that is too large', async () => {
    const { kube, server } = await stage((response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, 0x20))) {}
      }
      response.writeHead(200).on('drain', more)
      more()
    })
    expect(await errorOf(kube.get(ADDRESS))).toMatchObject({ code: 'KUBE_FAILED' })
    await eventually(() => server.sockets[0]?.destroyed).toBe(true)
    expect(server.requests.length).toBe(1)
  })
})
