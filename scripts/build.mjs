import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { hashOf, ROOT, readStamp, runPnpmQuietly, workspaces, writeStamp } from './workspace.mjs'

/** The files that every build depends on, in addition to its sources. */
const SHARED = ['pnpm-lock.yaml', 'tsconfig.json', 'tsup.base.ts'].map((name) => join(ROOT, name))

/**
 * Builds the workspace, or one package with its dependencies, in dependency order.
 * Skips a package if its sources and those of its dependencies have not changed since its last build.
 */
export async function build(only) {
  const members = new Map(workspaces().map((member) => [member.name, member]))
  const wanted = only === undefined ? [...members.keys()] : [...withNeeds(only, members)]
  const stale = wanted.filter((name) => isBuildable(members.get(name)) && isStale(name, members))
  if (stale.length === 0) return 0

  console.log(`building ${stale.join(', ')}`)
  const filters = stale.flatMap((name) => ['--filter', name])
  const stamps = stale.map((name) => [name, stateOf(name, members)]) // taken before the build, so that later changes are built next time
  const code = await runPnpmQuietly('--workspace-concurrency=2', '--reporter=append-only', ...filters, 'run', 'build')
  if (code === 0) for (const [name, state] of stamps) writeStamp(stampOf(name), state)
  return code
}

function isBuildable({ folder, manifest }) {
  return manifest.scripts?.build !== undefined && existsSync(join(folder, 'src'))
}

function isStale(name, members) {
  return !existsSync(join(members.get(name).folder, 'dist')) || readStamp(stampOf(name)) !== stateOf(name, members)
}

function stampOf(name) {
  return `build/${name.replace('/', '+')}`
}

function withNeeds(name, members, found = new Set()) {
  if (found.has(name)) return found
  found.add(name)
  for (const need of members.get(name).needs) withNeeds(need, members, found)
  return found
}

/** Returns a hash of all inputs of a package's build. */
function stateOf(name, members) {
  const hash = createHash('sha256').update(hashOf(SHARED))
  for (const need of [...withNeeds(name, members)].sort()) hash.update(hashOf(sourcesOf(members.get(need).folder)))
  return hash.digest('hex')
}

/** Returns the files of a package that its build reads: its settings, its sources, and its page if it has one. */
function sourcesOf(folder) {
  const settings = ['package.json', 'tsup.config.ts', 'vite.config.ts'].map((file) => join(folder, file))
  return [...settings.filter(existsSync), ...['src', 'page'].flatMap((part) => filesIn(join(folder, part)))]
}

function filesIn(folder) {
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true }) : []
  const sources = files.filter((file) => /\.\w+$/.test(file) && !/\.test(-d)?\.ts$/.test(file)).sort()
  return sources.map((file) => join(folder, file))
}
