import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { capture } from './process.mjs'
import { pnpm, published, REPORTS, ROOT } from './workspace.mjs'

/** The versions of Node on which every published package is tried. */
const NODE_VERSIONS = [20, 22, 24]

/** The report of the last run: one `{ node, passed, failed }` for each version. */
export const MATRIX_REPORT = join(REPORTS, 'node-matrix.json')

const SUITE = join(ROOT, 'scripts', 'node-matrix')

/** Longer than this and something in the suite does not end by itself. */
const LONGEST_RUN_MS = 120_000

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
  const [command, ...first] = await pnpm()
  for (const { name, folder: cwd } of published()) {
    const { code, output } = await capture(command, [...first, 'pack', '--pack-destination', folder], { cwd })
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

/** Runs the suite on one version of Node and counts from the runner's own summary. */
async function tryOn(node, folder) {
  const files = readdirSync(SUITE).filter((name) => /\.test\.m?js$/.test(name))
  const [command, ...first] = commandOf(node)
  const args = [...first, '--test', '--test-reporter=tap', `--test-timeout=${LONGEST_RUN_MS / 2}`, ...files]
  const { code, output } = await capture(command, args, { cwd: folder, timeoutMs: LONGEST_RUN_MS })

  const passed = countOf('pass', output)
  const broken =
    countOf('fail', output) + countOf('cancelled', output) + countOf('skipped', output) + countOf('todo', output)
  const failed = broken || (code === 0 && passed > 0 ? 0 : 1)
  if (failed > 0) console.log(output.trimEnd())
  console.log(`${failed === 0 ? 'ok' : 'failed'} Node ${node}: ${passed} passed, ${failed} failed`)
  return { node, passed, failed }
}

/** This very Node where it is the right one, else one from the registry. */
function commandOf(node) {
  const isThis = process.versions.node.startsWith(`${node}.`)
  return isThis ? [process.execPath] : ['npx', '--yes', '-p', `node@${node}`, 'node']
}

function countOf(what, tap) {
  return Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(tap)?.[1] ?? 0)
}
