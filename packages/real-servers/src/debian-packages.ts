import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { arch, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { writeBackports } from './backports.js'
import type { ServerName } from './server-names.js'

/** Where a program comes from. */
interface Source {
  readonly packages: readonly string[]
  /** Its path in the packages. */
  readonly program: string
  /** Variables of its environment that name folders of the packages. */
  readonly folders?: Readonly<Record<string, string>>
}

const VALGRIND = { packages: ['valgrind'], folders: { VALGRIND_LIB: 'usr/libexec/valgrind' } }

/** The source of each program. The libraries that it needs are found with the linker. */
const SOURCES: Readonly<Record<ServerName, Source>> = {
  'valkey-server': { packages: ['valkey-server', 'valkey-tools'], program: 'usr/bin/valkey-server' },
  prometheus: { packages: ['prometheus'], program: 'usr/bin/prometheus' },
  promtool: { packages: ['prometheus'], program: 'usr/bin/promtool' },
  haproxy: { packages: ['haproxy'], program: 'usr/sbin/haproxy' },
  kubectl: { packages: ['kubernetes-client'], program: 'usr/bin/kubectl' },
  fish: { packages: ['fish', 'fish-common'], program: 'usr/bin/fish' },
  zsh: { packages: ['zsh', 'zsh-common'], program: 'bin/zsh' },
  chromium: { packages: ['chromium', 'chromium-common'], program: 'usr/lib/chromium/chromium' },
  valgrind: { ...VALGRIND, program: 'usr/bin/valgrind.bin' },
  vgdb: { ...VALGRIND, program: 'usr/bin/vgdb' },
  faketime: { packages: ['faketime', 'libfaketime'], program: 'usr/bin/faketime' },
  'redis-server': { packages: ['redis-server', 'redis-tools'], program: 'usr/bin/redis-server' },
}

/** The time limit of one command, in milliseconds. Without a network, a download fails much sooner. */
const DOWNLOAD_TIMEOUT_MS = 180_000

/** How many levels of dependencies are searched for libraries. */
const DEEPEST = 4

/** Returns this user's folder for downloads; other users of the machine must not be able to put programs there. */
export function cacheFolder(): string {
  return join(tmpdir(), `model-canary-servers-${userInfo().uid}-${arch()}`)
}

/** Returns a program's path in a private copy of its packages, which is downloaded once; `undefined` on failure. */
export function downloadedServer(name: ServerName, cache: string): string | undefined {
  try {
    mkdirSync(cache, { recursive: true, mode: 0o700 })
    if (!isPrivate(cache)) return undefined
    const { packages } = SOURCES[name]
    const home = join(cache, packages[0]!)
    const launcher = join(home, 'launch', name)
    if (!existsSync(launcher)) place(downloadAgain(packages, cache), home)
    return existsSync(launcher) ? launcher : undefined
  } catch {
    return undefined // no apt, no network or no such package; the caller reports it
  }
}

/** Tries twice: another process that reads the package lists at the same moment can make apt fail. */
function downloadAgain(packages: readonly string[], cache: string): string {
  try {
    return download(packages, cache)
  } catch {
    return download(packages, cache)
  }
}

function isPrivate(folder: string): boolean {
  const { uid, mode } = statSync(folder)
  return uid === userInfo().uid && (mode & 0o022) === 0
}

/** Renames a finished copy to its place. If another process was faster, its copy is used. */
function place(finished: string, home: string): void {
  try {
    renameSync(finished, home)
  } catch {
    rmSync(finished, { recursive: true, force: true })
  }
}

function download(packages: readonly string[], cache: string): string {
  const home = mkdtempSync(join(cache, 'unfinished-'))
  try {
    const apt = unpackWithEither(packages, home)
    const programs = Object.entries(SOURCES).filter(([, source]) => source.packages[0] === packages[0])
    addLibraries(
      packages,
      programs.map(([, { program }]) => join(home, program)),
      home,
      apt,
    )
    mkdirSync(join(home, 'launch'))
    for (const [name, source] of programs) writeLauncher(join(home, 'launch', name), source, home)
    return home
  } catch (error) {
    rmSync(home, { recursive: true, force: true })
    throw error
  }
}

/** Unpacks from this release of Debian, else from its backports. Returns the options of apt that were right. */
function unpackWithEither(packages: readonly string[], home: string): readonly string[] {
  const own = aptOptions(home)
  try {
    unpack(packages, home, own)
    return own
  } catch (error) {
    const sources = join(home, 'apt', 'sources')
    if (!writeBackports(sources)) throw error
    const apt = withOwnLists(home, [...QUICK, '-o', 'Dir::Etc::sourcelist=-', '-o', `Dir::Etc::sourceparts=${sources}`])
    unpack(packages, home, apt)
    return apt
  }
}

const QUICK = ['-o', 'Acquire::Retries=1', '-o', 'Acquire::http::Timeout=15', '-o', 'APT::Sandbox::User=']

/** Returns the options of apt. Downloads package lists if the system has none, as in a small container. */
function aptOptions(home: string): readonly string[] {
  const lists = existsSync('/var/lib/apt/lists') ? readdirSync('/var/lib/apt/lists') : []
  return lists.some((file) => file.includes('_Packages')) ? QUICK : withOwnLists(home, QUICK)
}

/** Downloads package lists into a folder, and returns the options of apt to use them. */
function withOwnLists(home: string, apt: readonly string[]): readonly string[] {
  const state = join(home, 'apt', 'state')
  const cached = join(home, 'apt', 'cache')
  mkdirSync(join(state, 'lists', 'partial'), { recursive: true })
  mkdirSync(join(cached, 'archives', 'partial'), { recursive: true })
  const own = [...apt, '-o', `Dir::State=${state}`, '-o', `Dir::Cache=${cached}`]
  run('apt-get', [...own, 'update'], home)
  return own
}

function unpack(packages: readonly string[], home: string, apt: readonly string[]): void {
  run('apt-get', [...apt, 'download', ...packages], home)
  for (const file of readdirSync(home).filter((file) => file.endsWith('.deb'))) {
    run('dpkg', ['-x', file, home], home)
    rmSync(join(home, file))
  }
}

/** Adds the libraries that the linker does not find, from the dependencies of the packages, level by level. */
function addLibraries(
  packages: readonly string[],
  programs: readonly string[],
  home: string,
  apt: readonly string[],
): void {
  const unpacked = new Set(packages)
  let fringe = packages
  for (
    let depth = 0;
    depth < DEEPEST && fringe.length > 0 && programs.some((path) => lacksLibraries(path, home));
    depth++
  ) {
    const needed = new Set(fringe.flatMap((name) => libraryDependencies(name, home, apt)))
    fringe = [...needed].filter((name) => !unpacked.has(name) && !isInstalled(name, home))
    if (fringe.length > 0) unpack(fringe, home, apt)
    for (const name of fringe) unpacked.add(name)
  }
}

function lacksLibraries(program: string, home: string): boolean {
  try {
    return run('ldd', [program], home, { LD_LIBRARY_PATH: libraryFolders(home).join(':') }).includes('not found')
  } catch {
    return false // not a dynamically linked program
  }
}

function libraryDependencies(name: string, home: string, apt: readonly string[]): readonly string[] {
  const printed = run('apt-cache', [...apt, 'depends', '--important', name], home)
  return [...printed.matchAll(/^ {1,2}\|?(?:Pre)?Depends: ((?:lib|lua-)[a-z0-9.+-]+)$/gm)].map(
    ([, library]) => library!,
  )
}

function isInstalled(name: string, home: string): boolean {
  try {
    return run('dpkg-query', ['-W', '-f=$' + '{db:Status-Abbrev}', name], home).startsWith('ii')
  } catch {
    return false
  }
}

function libraryFolders(home: string): readonly string[] {
  const parents = [join(home, 'usr', 'lib'), join(home, 'lib')].filter(existsSync)
  const nested = parents.flatMap(foldersIn).filter((folder) => folder.includes('-linux-'))
  return [...parents, ...nested, ...nested.flatMap(foldersIn).filter(hasLibraries)] // such as those of pulseaudio
}

const foldersIn = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name))

const hasLibraries = (folder: string): boolean => readdirSync(folder).some((name) => /^lib.*\.so(\.|$)/.test(name))

/** Writes a script that runs the program with the libraries in its folder, which may be moved. */
function writeLauncher(path: string, { program, folders = {} }: Source, home: string): void {
  const libraries = libraryFolders(home).map((folder) => `$root${folder.slice(home.length)}`)
  const lines = [
    '#!/bin/sh',
    'root="$(cd "$(dirname "$0")/.." && pwd)"',
    ...(libraries.length === 0 ? [] : [`export LD_LIBRARY_PATH="${libraries.join(':')}"`]),
    ...Object.entries(folders).map(([variable, folder]) => `export ${variable}="$root/${folder}"`),
    `exec "$root/${program}" "$@"`,
  ]
  writeFileSync(path, `${lines.join('\n')}\n`)
  chmodSync(path, 0o755)
}

function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): string {
  return execFileSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: DOWNLOAD_TIMEOUT_MS,
  })
}
