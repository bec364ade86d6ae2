import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { capture, run } from './process.mjs'

/** The folder of the whole workspace. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Where the runners leave their reports. */
export const REPORTS = join(ROOT, '.reports')

const STAMPS = join(ROOT, 'node_modules', '.cache', 'model-canary')

const manifest = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

/** Every package and example of the workspace: its name, folder, manifest, and its workspace dependencies by name. */
export function workspaces() {
  const folders = ['packages', 'examples'].flatMap((group) =>
    readdirSync(join(ROOT, group)).map((name) => join(ROOT, group, name)),
  )
  const members = folders
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => ({ folder, manifest: manifest(folder), name: manifest(folder).name }))
  const names = new Set(members.map(({ name }) => name))
  return members.map((member) => ({
    ...member,
    needs: dependenciesOf(member.manifest).filter((name) => names.has(name)),
  }))
}

/** The packages that users install, as far as they have sources. */
export function published() {
  return workspaces().filter(({ folder, manifest }) => !manifest.private && existsSync(join(folder, 'src')))
}

function dependenciesOf({ dependencies, devDependencies, peerDependencies }) {
  return Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies })
}

/** The command line that starts the pinned pnpm: the one on the PATH if it is that version, else through npx. */
export async function pnpm() {
  const version = /^pnpm@([^+]+)/.exec(manifest(ROOT).packageManager)[1]
  const found = await capture('pnpm', ['--version'], { cwd: tmpdir() }) // in the workspace it would call another version
  return found.output.trim() === version ? ['pnpm'] : ['npx', '--yes', `pnpm@${version}`]
}

/** Runs the pinned pnpm in the workspace and resolves to its exit code. */
export async function runPnpm(...args) {
  const [command, ...first] = await pnpm()
  return run(command, [...first, ...args], { cwd: ROOT })
}

/** Runs the pinned pnpm in the workspace, and shows what it wrote only if it fails. */
export async function runPnpmQuietly(...args) {
  const [command, ...first] = await pnpm()
  const { code, output } = await capture(command, [...first, ...args], { cwd: ROOT })
  if (code !== 0) console.error(output.trimEnd())
  return code
}

/** Installs what the lockfile says, unless that is what is installed already. */
export async function install() {
  const files = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json'].map((name) => join(ROOT, name))
  const lock = hashOf([...files, ...workspaces().map(({ folder }) => join(folder, 'package.json'))])
  if (readStamp('install') === lock) return 0
  console.log('installing the dependencies of the lockfile')
  const code = await runPnpm('install', '--frozen-lockfile', '--config.confirmModulesPurge=false')
  if (code === 0) writeStamp('install', lock)
  return code
}

/** The arguments with which Node runs a tool of the workspace. */
export function tool(name, bin = name) {
  const folder = join(ROOT, 'node_modules', ...name.split('/'))
  const { bin: bins } = createRequire(import.meta.url)(join(folder, 'package.json'))
  return [join(folder, typeof bins === 'string' ? bins : bins[bin])]
}

/** One hash over the contents and names of files. */
export function hashOf(files) {
  const hash = createHash('sha256')
  for (const file of files) hash.update(file.slice(ROOT.length)).update('\0').update(readFileSync(file)).update('\0')
  return hash.digest('hex')
}

/** What was last noted under this name, if anything. */
export function readStamp(name) {
  const file = join(STAMPS, name)
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

/** Notes something for the next run. */
export function writeStamp(name, value) {
  mkdirSync(dirname(join(STAMPS, name)), { recursive: true })
  writeFileSync(join(STAMPS, name), value)
}
