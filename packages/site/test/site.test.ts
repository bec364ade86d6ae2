import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'

const part = (name: string) => import(`../src/${name}.mjs`)
const { anchorOf, pageOf, sitePathOf } = await part('paths')
const { withLivingAnchors } = await part('reference-anchors')
const { deadLinks } = await part('dead-links')
const { TOPICS } = await part('navigation')

const FOLDERS = new Set(['examples/istio', 'packages/core', 'scripts'])
const page = (path: string, text: string): string => pageOf(path, text, (target: string) => !FOLDERS.has(target))
const REPOSITORY = 'https://github.com/model-canary/model-canary'

describe('the path on the site', () => {
  it.each([
    ['README.md', 'index.md'],
    ['CONTRIBUTING.md', 'contributing.md'],
    ['SECURITY.md', 'reporting.md'],
    ['docs/security.md', 'security.md'],
    ['docs/images/page-healthy.png', 'images/page-healthy.png'],
    ['docs/decisions/README.md', 'decisions/index.md'],
    ['docs/decisions/0001-pure-rings.md', 'decisions/0001-pure-rings.md'],
    ['packages/core/README.md', 'packages/core.md'],
    ['packages/core/src/index.ts', undefined],
    ['packages/core/test/vectors/README.md', undefined],
    ['docs/names.d.ts', undefined],
  ])('of %s is %s', (path, expected) => {
    expect(sitePathOf(path)).toBe(expected)
  })
})

describe('a link', () => {
  it.each([
    ['README.md', '[a](docs/routes.md#verbs)', '[a](./routes.md#verbs)'],
    ['README.md', '![a](docs/images/a.png)', '![a](./images/a.png)'],
    ['docs/mesh.md', '[a](../packages/istio/README.md)', '[a](./packages/istio.md)'],
    ['docs/mesh.md', '[a](../examples/istio)', '[a](./examples/istio.md)'],
    ['docs/mesh.md', '[a](#drift)', '[a](#drift)'],
    ['docs/mesh.md', '[a](https://a.example/docs/mesh.md)', '[a](https://a.example/docs/mesh.md)'],
    ['docs/decisions/0001-a.md', '[a](../routes.md)', '[a](../routes.md)'],
    ['packages/koa/README.md', '[a](../core)', '[a](./core.md)'],
    ['packages/koa/README.md', '[a](../../docs/errors.md#key_failed)', '[a](../errors.md#key_failed)'],
    ['README.md', '[a](LICENSE)', `[a](${REPOSITORY}/blob/main/LICENSE)`],
    ['CONTRIBUTING.md', '[a](scripts/)', `[a](${REPOSITORY}/tree/main/scripts)`],
  ])('of %s that is %s becomes %s', (path, text, expected) => {
    expect(page(path, text)).toBe(expected)
  })

  it('in code stays as it is, and a diagram is text', () => {
    const text = '`[a](routes.md)` [a](routes.md)\n\n```mermaid\n[a](routes.md)\n```\n'
    expect(page('docs/mesh.md', text)).toBe('`[a](routes.md)` [a](./routes.md)\n\n```text\n[a](routes.md)\n```\n')
  })
})

it('every page of docs has a topic, and every topic has pages that exist', () => {
  const docs = readdirSync(join(import.meta.dirname, '../../../docs')).filter((name) => name.endsWith('.md'))
  const others = ['index', 'changelog', 'contributing', 'reporting']
  const expected = [...docs.map((name) => name.slice(0, -'.md'.length)), ...others]
  expect(Object.values(TOPICS).flat().sort()).toEqual(expected.sort())
})

it('an anchor is that of the repository’s website, with its underscores', () => {
  expect(anchorOf('KEY_FAILED')).toBe('key_failed')
  expect(anchorOf('Plain `node:http`')).toBe('plain-nodehttp')
})

describe('an anchor of the reference', () => {
  const repaired = (link: string): string =>
    withLivingAnchors(
      new Map([
        ['core.md', link],
        ['core/adapter.md', '### Seat\n\n### seat()\n\n### LONGEST\\_MS\n\n| <a id="property-a"></a> a |\n'],
      ]),
    ).get('core.md')

  it.each([
    ['[`seat`](core/adapter.md#seat-3)', '[`seat`](core/adapter.md#seat-1)'],
    ['[LONGEST\\_MS](core/adapter.md#longest-ms)', '[LONGEST\\_MS](core/adapter.md#longest_ms)'],
    ['[`Seat`](core/adapter.md#seat)', '[`Seat`](core/adapter.md#seat)'],
    ['[`a`](core/adapter.md#property-a)', '[`a`](core/adapter.md#property-a)'],
    ['[`gone`](core/adapter.md#gone)', '[`gone`](core/adapter.md#gone)'],
  ])('%s is %s', (link, expected) => {
    expect(repaired(link)).toBe(expected)
  })
})

describe('a built site', () => {
  const site = mkdtempSync(join(tmpdir(), 'model-canary-site-'))
  afterEach(() => rmSync(site, { recursive: true, force: true }))

  it('has dead links to files and anchors that are not there, and no others', () => {
    mkdirSync(join(site, 'decisions'), { recursive: true })
    writeFileSync(join(site, 'decisions', 'index.html'), '<h1 id="top">x</h1><a href="../a.html#one">x</a>')
    writeFileSync(
      join(site, 'a.html'),
      ['decisions/', '/decisions/#top', '#one', 'a#one', '#two', 'b.html', '/c.png', 'https://x.example']
        .map((link) => `<a href="${link}" id="one">x</a>`)
        .join(''),
    )
    expect(deadLinks(site)).toEqual(['a.html: #two', 'a.html: b.html', 'a.html: /c.png'])
  })

  it('may be below a path of its server', () => {
    mkdirSync(site, { recursive: true })
    writeFileSync(join(site, 'a.html'), '<a href="/below/a.html">x</a><a href="/a.html">x</a>')
    expect(deadLinks(site, '/below/')).toEqual(['a.html: /a.html'])
  })
})
