import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { capture } from './process.mjs'
import { pnpm, published, REPORTS, ROOT, workspaces } from './workspace.mjs'

/** The versions of Node on which every published package is tried. */
const NODE_VERSIONS = [20, 22, 24]

const THIS_NODE = Number.parseInt(process.versions.node, 10)

/** The report of the last run: one `{ node, manager, passed, failed }` for each version and package manager. */
export const MATRIX_REPORT = join(REPORTS, 'node-matrix.json')

const SUITE = join(ROOT, 'scripts', 'node-matrix')

/** Pages whose code the suite runs; the READMEs of the packages are in the packages. */
const PAGES = ['README.md', join('docs', 'quickstart.md')]

/** What the suite needs besides the packages, in the versions of the workspace: every major version of a framework. */
const NEEDS = [
  ...['express', 'express-v4', '@types/express', 'koa', 'koa-v2', '@types/koa', 'fastify'],
  ...['@openfeature/server-sdk', '@opentelemetry/api', '@types/node'],
]

/** What the pages tell a reader to install in addition. */
const TOOLS = { tsx: '^4.20.0', typescript: '^5.9.0' }

/** A file may take so long; after that, something in it does not end by itself. */
const LONGEST_RUN_MS = 120_000

/** The types do not depend on the version of Node: they are checked once, where no package finds another by chance. */
const ONLY_WITH_PNPM = 'types.test.mjs'

/**
 * Packs every published package and installs the packages as users do: with npm, where they are tried on each version of
 * Node, and with pnpm, where they are tried on this one.
 */
export async function matrix() {
  const packed = mkdtempSync(join(tmpdir(), 'model-canary-packed-'))
  try {
    const tarballs = await pack(packed)
    const withNpm = ['npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts']
    const withPnpm = [...(await pnpm()), 'install', '--prefer-offline', '--ignore-scripts']
    const files = readdirSync(SUITE).filter((name) => name.endsWith('.test.mjs'))
    const onEachNode = files.filter((file) => file !== ONLY_WITH_PNPM)
    const results = [
      ...(await tryInstalled(tarballs, 'npm', withNpm, NODE_VERSIONS, onEachNode)),
      ...(await tryInstalled(tarballs, 'pnpm', withPnpm, [THIS_NODE], files)),
    ]
    mkdirSync(REPORTS, { recursive: true })
    writeFileSync(MATRIX_REPORT, JSON.stringify(results, null, 2))
    return results.every(({ passed, failed }) => passed > 0 && failed === 0) ? 0 : 1
  } catch (error) {
    console.error(error.message)
    return 1
  } finally {
    rmSync(packed, { recursive: true, force: true })
  }
}

/** Packs every published package; returns the tarballs by the names of the packages. */
async function pack(folder) {
  const tarballs = {}
  for (const { name, folder: cwd, manifest } of published()) {
    const { code, output } = await capture('npm', ['pack', '--pack-destination', folder], { cwd })
    if (code !== 0) throw new Error(`cannot pack ${name}:\n${output}`)
    const file = `${name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`
    tarballs[name] = `file:${join(folder, file)}`
  }
  return tarballs
}

/** Installs the tarballs in an empty folder and tries them there on these versions of Node. */
async function tryInstalled(tarballs, manager, [command, ...args], nodes, files) {
  const folder = mkdtempSync(join(tmpdir(), 'model-canary-matrix-'))
  try {
    const dependencies = { ...tarballs, ...versionsOf(NEEDS), ...TOOLS }
    // Packages that depend on each other ask for a version that may not be published yet.
    const manifest = { private: true, type: 'module', dependencies, pnpm: { overrides: tarballs } }
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
    const { code, output } = await capture(command, args, { cwd: folder })
    if (code !== 0) throw new Error(`cannot install the packed packages with ${manager}:\n${output}`)

    cpSync(SUITE, folder, { recursive: true })
    for (const page of PAGES) cpSync(join(ROOT, page), join(folder, 'pages', basename(page)))
    const results = []
    for (const node of nodes) results.push(await tryOn(node, manager, folder, files))
    return results
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The versions that the workspace has of these packages. */
function versionsOf(names) {
  const versions = Object.assign({}, ...workspaces().map(({ manifest }) => manifest.devDependencies))
  return Object.fromEntries(names.map((name) => [name, versions[name]]))
}

/** Runs files of the suite on one version of Node and counts from the runner's own summaries. */
async function tryOn(node, manager, folder, files) {
  const binary = await binaryOf(node)
  const total = { node, manager, passed: 0, failed: 0 }
  for (const file of files) {
    // Not `node --test`: run directly, a file that leaves something open never ends, and that is a failure.
    const args = ['--test-reporter=tap', file]
    const { code, output } = await capture(binary, args, { cwd: folder, timeoutMs: LONGEST_RUN_MS })
    const passed = countOf('pass', output)
    const failed = ['fail', 'cancelled', 'skipped', 'todo'].reduce((sum, what) => sum + countOf(what, output), 0)
    total.passed += passed
    total.failed += failed || (code === 0 && passed > 0 ? 0 : 1)
    if (failed > 0 || code !== 0) console.log(`${output.trimEnd()}\n${file} ended with ${code}`)
  }
  console.log(
    `${total.failed === 0 ? 'ok' : 'failed'} Node ${node}, installed with ${manager}: ${total.passed} passed, ${total.failed} failed`,
  )
  return total
}

/** Where the binary is: this very Node where it is the right one, else one from the registry. */
async function binaryOf(node) {
  if (process.versions.node.startsWith(`${node}.`)) return process.execPath
  const { output } = await capture('npx', [
    '--yes',
    '-p',
    `node@${node}`,
    'node',
    '-p',
    '["at", process.execPath].join(" ")',
  ])
  return /^at (.+)$/m.exec(output)?.[1] ?? `node@${node}`
}

function countOf(what, tap) {
  return Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(tap)?.[1] ?? 0)
}
