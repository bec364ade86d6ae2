import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { capture } from './process.mjs'
import { published, REPORTS, ROOT } from './workspace.mjs'

/** The versions of Node on which every published package is tried. */
const NODE_VERSIONS = [20, 22, 24]

/** The report of the last run: one `{ node, passed, failed }` for each version. */
export const MATRIX_REPORT = join(REPORTS, 'node-matrix.json')

const SUITE = join(ROOT, 'scripts', 'node-matrix')

/** Longer than this and something in a file does not end by itself. */
const LONGEST_RUN_MS = 60_000

/** Packs every published package, installs the packages as a user would, and tries them on each version of Node. */
export async function matrix() {
  const folder = mkdtempSync(join(tmpdir(), 'model-canary-matrix-'))
  try {
    const problem = (await pack(folder)) ?? (await installPacked(folder))
    if (problem !== undefined) {
      console.error(problem)
      return 1
    }
    cpSync(SUITE, folder, { recursive: true })
    const results = []
    for (const node of NODE_VERSIONS) results.push(await tryOn(node, folder))
    mkdirSync(REPORTS, { recursive: true })
    writeFileSync(MATRIX_REPORT, JSON.stringify(results, null, 2))
    return results.every(({ passed, failed }) => passed > 0 && failed === 0) ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function pack(folder) {
  for (const { name, folder: cwd } of published()) {
    const { code, output } = await capture('npm', ['pack', '--pack-destination', folder], { cwd })
    if (code !== 0) return `cannot pack ${name}:\n${output}`
  }
}

async function installPacked(folder) {
  const tarballs = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts']
  const { code, output } = await capture('npm', ['install', ...quiet, ...tarballs.map((name) => `./${name}`)], {
    cwd: folder,
  })
  if (code !== 0) return `cannot install the packed packages:\n${output}`
}

/** Runs each file of the suite on one version of Node and counts from the runner's own summaries. */
async function tryOn(node, folder) {
  const binary = await binaryOf(node)
  const total = { node, passed: 0, failed: 0 }
  for (const file of readdirSync(SUITE).filter((name) => name.endsWith('.test.mjs'))) {
    // Not `node --test`: run directly, a file that leaves something open never ends, and that is a failure.
    const args = ['--test-reporter=tap', file]
    const { code, output } = await capture(binary, args, { cwd: folder, timeoutMs: LONGEST_RUN_MS })
    const passed = countOf('pass', output)
    const failed = ['fail', 'cancelled', 'skipped', 'todo'].reduce((sum, what) => sum + countOf(what, output), 0)
    total.passed += passed
    total.failed += failed || (code === 0 && passed > 0 ? 0 : 1)
    if (failed > 0 || code !== 0) console.log(`${output.trimEnd()}\n${file} ended with ${code}`)
  }
  console.log(`${total.failed === 0 ? 'ok' : 'failed'} Node ${node}: ${total.passed} passed, ${total.failed} failed`)
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
