import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { createCanary } from '@model-canary/core'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { blocksOf } from './docs/markdown.js'
import { runBlock } from './docs/run-block.js'

vi.setConfig({ testTimeout: 120_000 })

const SECRET = 'sixteen characters'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
})

/** Runs the block of the page that has these words. */
function run(words: string) {
  const block = blocksOf('docs/notifications.md').find(({ code }) => code.includes(words))!
  vi.stubEnv('WEBHOOK_SECRET', SECRET)
  vi.stubEnv('SLACK_URL', 'https://hooks.slack.example/services')
  return runBlock({ ...block, code: block.code.replace('8_081', "0, '127.0.0.1'") })
}

it('the service that sends webhooks ends at SIGTERM', async () => {
  const before = process.listeners('SIGTERM')
  const server = createServer()
  await once(server.listen(0), 'listening')
  const canary = createCanary({ name: 'ending', versions: { baseline: 'v1', canary: 'v2' } })
  vi.stubGlobal('server', server)
  vi.stubGlobal('canary', canary)
  const ended = new Promise<void>((resolve) => {
    const exit = vi.spyOn(process, 'exit').mockImplementation((() => resolve()) as never)
    onTestFinished(() => exit.mockRestore())
  })
  await run("process.once('SIGTERM'")
  const [listener] = process.listeners('SIGTERM').filter((each) => !before.includes(each))
  process.removeListener('SIGTERM', listener!)
  listener!('SIGTERM')
  await ended
  expect(server.listening).toBe(false)
})

describe('the receiver of webhooks', () => {
  async function received() {
    const { receiver } = (await run('createServer')) as { readonly receiver: Server }
    onTestFinished(() => {
      receiver.closeAllConnections()
      receiver.close()
    })
    if (!receiver.listening) await once(receiver, 'listening')
    return { receiver, port: (receiver.address() as AddressInfo).port }
  }

  const post = (port: number, body: string, key = SECRET) => {
    const timestamp = String(Math.floor(Date.now() / 1_000))
    const signature = createHmac('sha256', key).update(`m.${timestamp}.${body}`).digest('base64')
    const headers = { 'webhook-id': 'm', 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
    return fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body, headers })
  }

  it('tells our messages from others', async () => {
    const { port } = await received()
    expect((await post(port, '{}')).status).toBe(204)
    expect((await post(port, '{}', 'another secret of 16')).status).toBe(401)
  })

  it('goes on if a client breaks off its upload, or sends one without an end', async () => {
    const { receiver, port } = await received()
    const socket = connect(port, '127.0.0.1')
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf')
    const [request] = await once(receiver, 'request')
    const broken = new Promise((resolve) => request.once('close', resolve))
    socket.destroy()
    await broken
    await expect(post(port, 'x'.repeat(262_145))).rejects.toThrow('fetch failed')
    expect((await post(port, '{}')).status).toBe(204)
  })
})
