import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { requestCanary } from '../http/live-request.js'
import { nodeTie } from '../http/node-tie.js'
import { countsOf, stage } from './stage.fixture.js'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

const heapMiB = (): number => {
  collect()
  collect()
  return process.memoryUsage().heapUsed / 1_048_576
}

const hanging = (_call = 0): Promise<never> => new Promise(() => {})

/** So many calls hang; each has 20 kB of key and as much of a body. */
const CALLS = 2_000
const longText = (call: number): string => `${call}`.padStart(20_000, 'x')

describe('a call that never settles', () => {
  it('does not keep its key or its attributes in memory', async () => {
    const { canary } = await stage()
    const options = {
      key: (call: number) => longText(call),
      attributes: (call: number) => ({ body: longText(call).toUpperCase() }),
    }
    const predict = canary.wrap({ baseline: hanging, canary: hanging }, options)
    const before = heapMiB()
    for (let call = 0; call < CALLS; call++) void predict(call)
    await new Promise(setImmediate)
    expect(heapMiB() - before).toBeLessThan(10) // both would be 80
    expect(countsOf(canary)).toEqual({ 'v2 in flight': CALLS })
  })

  it('does not keep the response or the routing input of the request in memory', async () => {
    const { canary } = await stage()
    const responses: WeakRef<object>[] = []
    const bodies: WeakRef<object>[] = []
    const server = createServer((_request, response) => {
      const body = { text: longText(responses.length) }
      responses.push(new WeakRef(response))
      bodies.push(new WeakRef(body))
      const request = () => ({ key: body.text, attributes: { body } })
      const made = requestCanary(canary, nodeTie(response), { request, versionHeader: false })
      void made.run({ baseline: hanging, canary: hanging })
      void made.run({ baseline: hanging, canary: hanging })
      response.end('accepted')
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const { port } = server.address() as AddressInfo
    for (let call = 0; call < 20; call++) await (await fetch(`http://127.0.0.1:${port}`)).text()
    await new Promise((closed) => server.close(closed))
    await expect
      .poll(() => {
        collect()
        return [...responses, ...bodies].filter((kept) => kept.deref() !== undefined).length
      })
      .toBeLessThanOrEqual(2) // what the server itself saw last
    expect(countsOf(canary)).toEqual({ 'v2 in flight': 40 })
  })
})

describe('an event stream that stays open', () => {
  it('keeps nothing of finished runs in memory', async () => {
    const { canary } = await stage()
    const response = {
      statusCode: 200,
      headersSent: true,
      writableEnded: false,
      writableFinished: false,
      destroyed: false,
      on: () => {},
      setHeader: () => {},
    }
    const request = () => ({ key: 'ann', attributes: { body: longText(0) } })
    const made = requestCanary(canary, nodeTie(response), { request, versionHeader: false })
    const model = async (call: number) => call
    const run = async (calls: number) => {
      for (let call = 0; call < calls; call++) await made.run({ baseline: model, canary: model }, call)
    }
    await run(2_000)
    const before = heapMiB()
    await run(30_000)
    expect(heapMiB() - before).toBeLessThan(3) // a hundred bytes a run would be 3 MiB
    expect(countsOf(canary)).toEqual({ 'v2 success': 32_000 })
  })
})
