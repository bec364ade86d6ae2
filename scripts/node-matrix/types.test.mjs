// The types of every entry of every published package, as a project sees them that has installed the packages.
import { deepEqual, ok } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { after, describe, it } from 'node:test'

const FOLDER = mkdtempSync(resolve('types-'))
after(() => rmSync(FOLDER, { recursive: true, force: true }))

const readManifest = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

/** Every entry that can be imported, by the name that one imports it with. */
const entries = Object.keys(readManifest('.').dependencies)
  .filter((name) => name.startsWith('@model-canary/'))
  .flatMap((name) =>
    Object.entries(readManifest(join('node_modules', name)).exports ?? {})
      .filter(([, target]) => typeof target === 'object')
      .map(([entry]) => join(name, entry)),
  )

/** A module that compiles only if every entry has types and none of them is `any`. */
const consumer = [
  'type IsAny<T> = 0 extends 1 & T ? true : false',
  ...entries.flatMap((entry, index) => [
    `import * as entry${index} from '${entry}'`,
    `export const isAny${index}: IsAny<typeof entry${index}> = false`,
  ]),
  '// @ts-expect-error there is no such entry',
  "import { none } from '@model-canary/core/none'",
  'export { none }',
  // Without the types of the framework, `req` would be `any`.
  "import { canaryMiddleware } from '@model-canary/express'",
  "canaryMiddleware({} as import('@model-canary/core').Canary, { key: (req) => req.get('x-user-id') })",
  '// @ts-expect-error a request has no such member',
  "canaryMiddleware({} as import('@model-canary/core').Canary, { key: (req) => req.nothing })",
].join('\n')

const RESOLUTIONS = [
  { name: 'node16', files: ['consumer.mts', 'consumer.cts'], settings: ['--module', 'node16'] },
  {
    name: 'bundler',
    files: ['consumer.ts'],
    settings: ['--module', 'esnext', '--moduleResolution', 'bundler', '--skipLibCheck'], // checked with node16
  },
]

/** What tsc says of the consumer under these names and of the packages' own types; nothing if they compile. */
function problemsOf(files, settings) {
  const paths = files.map((file) => join(FOLDER, file))
  for (const path of paths) writeFileSync(path, consumer)
  const tsc = join('node_modules', 'typescript', 'lib', 'tsc.js')
  const options = ['--noEmit', '--strict', '--target', 'es2022', '--types', 'node', ...settings]
  const { stdout } = spawnSync(process.execPath, [tsc, ...options, ...paths], { encoding: 'utf8' })
  return stdout.split('\n').filter((line) => /^\S*(model-canary|consumer)\S*\(/.test(line)) // not of other packages
}

describe('the types of every entry resolve', () => {
  it('knows the entries', () => ok(entries.includes('@model-canary/core/webhook')))

  for (const { name, files, settings } of RESOLUTIONS) {
    it(`with ${name}`, () => deepEqual(problemsOf(files, settings), []))
  }
})
