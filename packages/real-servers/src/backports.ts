import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where a system names the archives that its packages come from. */
const SYSTEM = '/etc'

/**
 * Writes a folder of sources for apt, with the system's archive of its own release and of the backports to it.
 * Returns false if the system does not name that archive.
 */
export function writeBackports(folder: string, system = SYSTEM): boolean {
  const release = /^VERSION_CODENAME=(\w+)$/m.exec(textOf(join(system, 'os-release')))?.[1]
  if (release === undefined) return false
  const parts = join(system, 'apt', 'sources.list.d')
  const named = existsSync(parts) ? readdirSync(parts) : []
  const stanzas = named
    .filter((name) => name.endsWith('.sources'))
    .flatMap((name) => textOf(join(parts, name)).split(/\n\s*\n/))
    .flatMap((stanza) => stanzaOf(stanza, release))
  const lines = textOf(join(system, 'apt', 'sources.list'))
    .split('\n')
    .flatMap((line) => linesOf(line, release))
  mkdirSync(folder, { recursive: true })
  if (stanzas.length > 0) writeFileSync(join(folder, 'backports.sources'), `${stanzas.join('\n\n')}\n`)
  if (lines.length > 0) writeFileSync(join(folder, 'backports.list'), `${lines.join('\n')}\n`)
  return stanzas.length + lines.length > 0
}

/** Returns a stanza for both suites, if it is about the release. */
function stanzaOf(stanza: string, release: string): readonly string[] {
  const suites = /^Suites:(.*)$/m.exec(stanza)?.[1]?.trim().split(/\s+/) ?? []
  return suites.includes(release)
    ? [stanza.replace(/^Suites:.*$/m, `Suites: ${release} ${release}-backports`).trim()]
    : []
}

/** Returns a line of `sources.list` for both suites, if it is about the release. */
function linesOf(line: string, release: string): readonly string[] {
  const words = line.trim().split(/\s+/)
  if (words[0] !== 'deb' || !words.includes(release)) return []
  return [line, words.map((word) => (word === release ? `${release}-backports` : word)).join(' ')]
}

const textOf = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '')
