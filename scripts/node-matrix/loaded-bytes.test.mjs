// How much code an entry loads, as it is installed. Modules are counted once, so this file imports nothing else of ours.
import { ok } from 'node:assert/strict'
import { statSync } from 'node:fs'
import { Session } from 'node:inspector'
import { createRequire } from 'node:module'
import { it } from 'node:test'
import { fileURLToPath } from 'node:url'

/** The most that a service loads to verify webhooks, in bytes. It loads nothing that sends them. */
const MOST_RECEIVER_BYTES = 12_000

const loaded = new Set()
const session = new Session()
session.connect()
session.on('Debugger.scriptParsed', ({ params: { url } }) => loaded.add(url))
session.post('Debugger.enable')

/** Returns how many bytes of our files were loaded from a URL or a path that ends like this. */
function loadedBytes(extension) {
  const files = [...loaded].filter((url) => url.includes('/@model-canary/') && url.endsWith(extension))
  return files.reduce((sum, url) => sum + statSync(url.startsWith('file:') ? fileURLToPath(url) : url).size, 0)
}

/** Checks the size, and that the entry works and was counted at all. */
function expectSmall({ verifyWebhook }, extension) {
  const request = { headers: {}, body: '', secret: '0123456789abcdef' }
  ok(verifyWebhook(request) === false)
  const bytes = loadedBytes(extension)
  ok(bytes > 1_000 && bytes < MOST_RECEIVER_BYTES, `a receiver loads ${bytes} bytes`)
}

it('a receiver of webhooks loads less than 12 kB as an ES module', async () => {
  expectSmall(await import('@model-canary/core/webhook-receiver'), '.js')
})

it('a receiver of webhooks loads less than 12 kB as a CommonJS module', () => {
  expectSmall(createRequire(import.meta.url)('@model-canary/core/webhook-receiver'), '.cjs')
})
