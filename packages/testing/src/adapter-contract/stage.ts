import { deepEqual } from 'node:assert/strict'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Strategy } from '@model-canary/core'
import { type Canary, type CanaryErrorCode, createCanary } from '@model-canary/core'
import { manualClock } from '../manual-clock.js'
import { type Client, createClient } from './client.js'
import { type Counts, countsOf } from './counts.js'
import type { Patience } from './patience.js'
import type { AdapterSetup, MountAdapter } from './setup.js'

/** An app that listens, with a client for it. */
export interface App extends Client {
  /** Every response that the server made, in order. */
  readonly responses: readonly ServerResponse[]
  readonly sockets: readonly Socket[]
  /** What the framework's error handler was called with. */
  readonly errors: readonly unknown[]
  /** Waits until every response is over, and asserts exactly these counts. */
  expectInTheEnd(canary: Canary, counts: Counts): Promise<void>
  close(): Promise<void>
}

/** Where a rule runs: it creates canaries and apps, and everything is closed afterwards. */
export interface Stage extends Patience {
  /** A canary with a rollout in progress, so that its strategy decides. By default the canary serves every request. */
  canary(pick?: Strategy['pick']): Promise<Canary>
  /** Builds the app and starts its server. */
  open(setup: Partial<Omit<AdapterSetup, 'onError'>>): Promise<App>
  /** The codes of internal errors of the canaries, in the order in which they were reported. */
  readonly internalErrors: readonly CanaryErrorCode[]
  /** Waits until the canary has exactly these counts. */
  expectSoon(canary: Canary, counts: Counts): Promise<void>
  close(): Promise<void>
}

/** Creates an empty stage. Its clock stands still, so that nothing happens because of time. */
export function createStage(mount: MountAdapter, patience: Patience): Stage {
  const closers: (() => Promise<void>)[] = []
  const internalErrors: CanaryErrorCode[] = []

  const expectSoon: Stage['expectSoon'] = async (canary, counts) => {
    await patience.until('counts', () => isSame(countsOf(canary), counts)).catch(() => {})
    deepEqual(countsOf(canary), counts)
  }

  const canary: Stage['canary'] = async (pick = () => 'canary') => {
    const made = createCanary({
      name: 'contract',
      versions: { baseline: 'v1', canary: 'v2' },
      strategy: { name: 'contract', unit: 'request', pick },
      tripwire: false,
      clock: manualClock(),
    })
    closers.unshift(() => made.close())
    made.on('internal-error', ({ code }) => void internalErrors.push(code))
    await made.start()
    await patience.until('the canary has a weight', () => made.status().weight > 0)
    return made
  }

  const open: Stage['open'] = async (setup) => {
    const errors: unknown[] = []
    const nothing = { canaries: [], routes: [], nested: [], operated: [] }
    const harness = await mount({ ...nothing, ...setup, onError: (error) => void errors.push(error) })
    const { server } = harness
    const responses: ServerResponse[] = []
    const sockets: Socket[] = []
    server.prependListener('request', (_request, response) => void responses.push(response))
    server.on('connection', (socket) => void sockets.push(socket))
    await once(server.listen(0, '127.0.0.1'), 'listening')

    let closing: Promise<void> | undefined
    const close = async () => {
      server.closeAllConnections()
      const isClosed = server.listening ? once(server, 'close') : undefined
      if (harness.close === undefined) server.close()
      await patience.within('the server closes', Promise.all([isClosed, harness.close?.()]))
    }
    const app: App = {
      ...createClient((server.address() as AddressInfo).port, patience),
      responses,
      sockets,
      errors,
      async expectInTheEnd(counted, counts) {
        await patience.until('every response is over', () => responses.every(({ destroyed }) => destroyed))
        await expectSoon(counted, counts)
        await new Promise((resolve) => setImmediate(resolve)) // what would count twice has done so by now
        deepEqual(countsOf(counted), counts)
      },
      close: () => (closing ??= close()),
    }
    closers.unshift(app.close)
    return app
  }

  return {
    ...patience,
    canary,
    open,
    internalErrors,
    expectSoon,
    async close() {
      for (const closer of closers) await closer()
    },
  }
}

function isSame(a: Counts, b: Counts): boolean {
  const names = Object.keys({ ...a, ...b })
  return names.every((name) => a[name] === b[name])
}
