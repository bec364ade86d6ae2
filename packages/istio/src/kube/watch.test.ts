import { manualClock } from '@model-canary/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createKube } from './create-kube.js'
import type { KubeEvent } from './kube.js'
import { eventually } from './patience.fixture.js'
import { ADDRESS, objectAt } from './server.fixture.js'
import { type Answer, ended, eventLine, inWords, list, open, refuse, stage } from './watch.fixture.js'

const COLLECTION = '/apis/networking.istio.io/v1/namespaces/default/virtualservices'

describe('a watch', () => {
  it('tells the present state, then every change', async () => {
    const { told, server } = await stage([
      list('10', objectAt('7')),
      open(
        eventLine('MODIFIED', objectAt('11')),
        eventLine('DELETED', objectAt('12')),
        eventLine('ADDED', objectAt('13')),
      ),
    ])
    await eventually(() => told).toEqual(['present 7', 'present 11', 'gone', 'present 13'])
    expect(server.requests.map(({ url }) => url)).toEqual([
      `${COLLECTION}?fieldSelector=metadata.name%3Dsentiment`,
      `${COLLECTION}?watch=true&fieldSelector=metadata.name%3Dsentiment&resourceVersion=10&allowWatchBookmarks=true&timeoutSeconds=60`,
    ])
  })

  it('tells that there is nothing, then that it came', async () => {
    const { told, asked } = await stage([list('10'), open(eventLine('ADDED', objectAt('11')))])
    await eventually(() => told).toEqual(['gone', 'present 11'])
    expect(asked()).toEqual(['list', 'watch 10'])
  })

  it('gives the objects of a built-in resource the kind that their list has', async () => {
    const { kind, apiVersion, ...bare } = objectAt('7')
    const { server } = await stage([list('10', bare), open(), list('10', bare)])
    const objects: unknown[] = []
    const kube = createKube({ server: server.url, credentials: async () => ({}) })
    await eventually(() => server.requests.length).toBe(2)
    onTestFinished(kube.watch(ADDRESS, (event) => objects.push('object' in event && event.object)))
    await eventually(() => objects).toEqual([objectAt('7')])
    expect([kind, apiVersion]).toEqual(['VirtualService', 'networking.istio.io/v1'])
  })

  it('tells nothing before it has returned', async () => {
    const { kube } = await stage([])
    let isReturned = false
    const early: unknown[] = []
    onTestFinished(kube.watch({ ...ADDRESS, name: '..' }, (event) => isReturned || early.push(event)))
    isReturned = true
    await new Promise((resolve) => setImmediate(resolve))
    expect(early).toEqual([])
  })

  it('reads lines that are cut anywhere, within a character too', async () => {
    const bytes = Buffer.from(eventLine('MODIFIED', objectAt('11', { spec: { hosts: ['zürich-🚕'] } })))
    const byteByByte: Answer = (response) => {
      response.writeHead(200)
      const next = (at: number) => at < bytes.length && response.write(bytes.subarray(at, at + 1), () => next(at + 1))
      next(0)
    }
    const { server, kube } = await stage([list('10'), open(), list('10'), byteByByte])
    await eventually(() => server.requests.length).toBe(2)
    const hosts: unknown[] = []
    const listen = (event: KubeEvent) => event.type === 'present' && hosts.push(event.object.spec)
    onTestFinished(kube.watch(ADDRESS, listen))
    await eventually(() => hosts).toEqual([{ hosts: ['zürich-🚕'] }])
  })

  it('passes over what is about another object', async () => {
    const other = { ...objectAt('11'), metadata: { name: 'other', resourceVersion: '11' } }
    const { told, asked } = await stage([list('10', other), ended(eventLine('MODIFIED', other))])
    await eventually(asked).toEqual(['list', 'watch 10', 'watch 11'])
    expect(told).toEqual(['gone'])
  })
})

describe('the end of a watch', () => {
  it('cuts the connection, and tells nothing more', async () => {
    const { server, told, stop, asked } = await stage([
      list('10', objectAt('7')),
      open(eventLine('MODIFIED', objectAt('11'))),
    ])
    await eventually(() => told).toEqual(['present 7', 'present 11'])
    stop()
    await eventually(() => server.sockets.every((socket) => socket.destroyed)).toBe(true)
    expect(asked()).toEqual(['list', 'watch 10'])
    expect(told).toEqual(['present 7', 'present 11'])
  })

  it('tells nothing more of the lines that came together', async () => {
    const { server, kube } = await stage([
      list('1'),
      open(),
      list('10', objectAt('7')),
      open(eventLine('MODIFIED', objectAt('11')) + eventLine('MODIFIED', objectAt('12'))),
    ])
    await eventually(() => server.requests.length).toBe(2)
    const told: string[] = []
    const stop = kube.watch(ADDRESS, (event) => told.push(inWords(event)) === 2 && stop())
    await eventually(() => told).toEqual(['present 7', 'present 11'])
    await eventually(() => server.sockets.filter((socket) => socket.destroyed).length).toBe(1)
    expect(told).toEqual(['present 7', 'present 11'])
  })

  it('leaves no timer, whether it waits, reads or asks', async () => {
    const clock = manualClock()
    const { stop, told } = await stage([refuse(503)], { clock, timeoutMs: 10_000 })
    await eventually(() => told).toEqual(['failed KUBE_FAILED'])
    expect(clock.pending).toBe(1)
    stop()
    expect(clock.pending).toBe(0)
    const reading = await stage([list('10', objectAt('7')), open(eventLine('MODIFIED', objectAt('11')))], { clock })
    await eventually(() => reading.told.length).toBe(2)
    reading.stop()
    await eventually(() => clock.pending).toBe(0)
  })

  it('never keeps the process alive meanwhile', async () => {
    const { server, told } = await stage([list('10', objectAt('7')), open(eventLine('MODIFIED', objectAt('11')))])
    await eventually(() => told.length).toBe(2)
    for (const socket of server.sockets) socket.unref()
    const holding = () => process.getActiveResourcesInfo().filter((resource) => resource === 'TCPSocketWrap').length
    await eventually(holding).toBe(0)
  })
})
