import { gunzipSync, gzipSync } from 'node:zlib'
import { dashboard } from '@model-canary/dashboard'
import { describe, expect, it } from 'vitest'
import { servePage, world } from './worlds.fixture.js'

const html = (options?: Parameters<typeof dashboard>[0]) => String(dashboard(options).file('')?.body)

/** The files that the page names. */
const filesOf = (page: string) => [...page.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, path]) => path!)

describe('the files of the page', () => {
  it('have hashes in their names, are kept for a year, and come from nowhere else', () => {
    const files = filesOf(html())
    expect(files.map((path) => path.replace(/-[\w-]{8}\./, '-HASH.')).sort()).toEqual([
      'assets/icon-HASH.svg',
      'assets/index-HASH.css',
      'assets/index-HASH.js',
    ])
    for (const path of files) {
      const { headers, body } = dashboard().file(path)!
      expect(headers['cache-control']).toBe('public, max-age=31536000, immutable')
      expect(String(body)).not.toMatch(/https?:\/\/(?!www\.w3\.org)/) // w3.org: the names of XML namespaces
    }
    expect(html()).not.toMatch(/https?:\/\//)
  })

  it('are at most 60 kB, compressed', () => {
    const page = dashboard()
    const bytes = ['', ...filesOf(html())].map((path) => gzipSync(page.file(path)!.body).length)
    expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThan(60_000)
  })

  it('are compressed for a client that takes it', () => {
    const page = dashboard()
    for (const header of ['gzip', 'br;q=1.0, gzip;q=0.8', 'deflate,gzip']) {
      const { headers, body } = page.file('', header)!
      expect(headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' })
      expect(gunzipSync(body).toString()).toBe(html())
    }
    for (const header of ['', 'br', 'gzip;q=0', 'gzip; q=0.0, br']) {
      expect(page.file('', header)!.headers).not.toHaveProperty('content-encoding')
    }
  })

  it('has no script and no style in the page itself, and a policy that runs none', () => {
    expect(html()).not.toMatch(/<script(?![^>]*src=)|<style|\son\w+=|style=/)
    const policy = dashboard().file('')!.headers['content-security-policy']
    expect(policy).not.toMatch(/unsafe|\*|https?:|data:/)
    for (const part of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "form-action 'none'"]) {
      expect(policy).toContain(part)
    }
  })

  it('are no other files', () => {
    const page = dashboard()
    for (const path of ['index.html', 'assets/', '../package.json', '__proto__', 'status', '/']) {
      expect(page.file(path)).toBeUndefined()
    }
  })
})

describe('the options', () => {
  it('are refused where they cannot be right', () => {
    expect(() => dashboard({ readonly: true } as never)).toThrow(/UNKNOWN_OPTION.*readOnly/)
    expect(() => dashboard({ readOnly: 'yes' } as never)).toThrow(/INVALID_OPTION.*readOnly/)
    for (const publicPath of ['ops/', '/ops', '/"><script>/', 'https://x/', '/a b/', 7]) {
      expect(() => dashboard({ publicPath } as never)).toThrow(/INVALID_OPTION.*publicPath/)
    }
  })

  it('are in the page', () => {
    expect(html()).not.toContain('data-read-only')
    expect(html({ readOnly: true })).toContain('<html data-read-only lang="en">')
    expect(html({ publicPath: '/ops/canary/' })).toContain('<head><base href="/ops/canary/">')
    expect(html({ publicPath: '/' })).toContain('<base href="/">')
  })
})

describe('createDashboard', () => {
  it('serves the page, its files and the routes on a plain server, and nothing else', async () => {
    const { canary } = await world(0)
    const served = await servePage(canary)
    const get = (path: string, init?: RequestInit) => fetch(`${served.url}${path}`, init)
    const page = await get('')
    expect(page.status).toBe(200)
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect(page.headers.get('x-frame-options')).toBe('DENY')
    for (const path of filesOf(await page.text())) {
      const file = await get(path)
      expect([path, file.status, (await file.text()).length > 100]).toEqual([path, 200, true])
    }
    expect(await (await get('status')).json()).toMatchObject({ name: 'sentiment' })
    expect((await get('nowhere')).status).toBe(404)
    expect((await get('promote', { method: 'POST' })).status).toBe(404)
    await served.close()
  })
})
