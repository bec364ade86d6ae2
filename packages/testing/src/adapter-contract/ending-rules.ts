import { deepEqual, equal } from 'node:assert/strict'
import { spawn } from 'node:child_process'
import type { EventEmitter } from 'node:events'
import { get } from 'node:http'
import { fileURLToPath } from 'node:url'
import { createCanary } from '@model-canary/core'
import { oneSocket } from './client.js'
import { createPatience } from './patience.js'
import { type Play, predicting } from './play.js'
import type { AdapterService } from './setup.js'

/** What leaks with each request is then more than a test runner's own timers, which come and go. */
const MANY = 10

/** What is left when everything is closed: nothing. */
export const endingRules = (play: Play, service: AdapterService | undefined) => ({
  'leaves no listener on a socket that is kept': play(async ({ canary, open }) => {
    const watching = await canary()
    const app = await open({ canaries: [{ canary: watching }], routes: [predicting()] })
    const agent = oneSocket()
    await app.send('/predict', { agent })
    await app.expectInTheEnd(watching, { 'v2 success': 1 })
    const after1 = listenersOf(app.sockets[0])
    for (let request = 0; request < 9; request += 1) await app.send('/predict', { agent })
    await app.expectInTheEnd(watching, { 'v2 success': 10 })
    deepEqual(listenersOf(app.sockets[0]), after1)
    equal(app.sockets.length, 1)
    agent.destroy()
  }),

  'leaves no handle and no listener behind when it is closed': play(async ({ open, until }) => {
    const [handles, listeners] = [handlesInUse(), listenersOf(process)]
    const canary = createCanary({ name: 'contract', versions: { baseline: 'v1', canary: 'v2' } })
    await canary.start()
    const app = await open({ canaries: [{ canary }], routes: [predicting()] })
    for (let request = 0; request < MANY; request += 1) await app.send('/predict')
    app.open('/predict').leave()
    await app.close()
    await canary.close()
    await until('no more handles are in use than before', () => handlesInUse() <= handles)
    deepEqual(listenersOf(process), listeners)
  }),

  'lets the process end by itself': async () => {
    if (service === undefined) throw new Error('pass "service", or skip this rule and say why')
    const { script, args = [], patienceMs = 20_000 } = service // starting a process takes its time on a busy machine
    const { within } = createPatience(patienceMs)
    const child = spawn(process.execPath, [script instanceof URL ? fileURLToPath(script) : script, ...args])
    let said = ''
    const exit = new Promise<number | null>((resolve) => child.on('close', resolve))
    const port = new Promise<number>((resolve, reject) => {
      const hear = (chunk: Buffer) => {
        said += chunk
        const [, port] = /^listening (\d+)$/m.exec(said) ?? []
        if (port !== undefined) resolve(Number(port))
      }
      child.stdout.on('data', hear)
      child.stderr.on('data', hear)
      exit.then((code) => reject(new Error(`the service ended with ${code} before it listened; is it built? ${said}`)))
    })
    try {
      const answer = await within('the service listens', port).then(answerFrom)
      equal(answer, 200, said)
      child.stdin.end()
      equal(await within('the process ends after its input', exit), 0, said)
    } finally {
      child.kill('SIGKILL')
    }
  },
})

/** Sockets, servers and timers that keep the process alive. */
function handlesInUse(): number {
  return process.getActiveResourcesInfo().filter((name) => /^(TCP|Timeout)/.test(name)).length
}

function listenersOf(emitter: Pick<EventEmitter, 'eventNames' | 'listenerCount'> | undefined): unknown[] {
  return (emitter?.eventNames() ?? []).map((name) => [String(name), emitter?.listenerCount(name)]).sort()
}

function answerFrom(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const agent = oneSocket() // and the socket stays open: closing it is the server's part
    get({ host: '127.0.0.1', port, path: '/predict', agent }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode))
    }).on('error', reject)
  })
}
