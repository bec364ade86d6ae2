// Raises the version of every package by the changesets that are there, and gives the changelog's open section its name.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './process.mjs'
import { ROOT, tool } from './workspace.mjs'

const CHANGELOG = join(ROOT, 'CHANGELOG.md')
const OPEN = '## Unreleased'

const code = await run(process.execPath, [...tool('@changesets/cli', 'changeset'), 'version'], { cwd: ROOT })
if (code === 0) nameOpenSection(JSON.parse(readFileSync(join(ROOT, 'packages/core/package.json'), 'utf8')).version)
process.exitCode = code

function nameOpenSection(version) {
  const text = readFileSync(CHANGELOG, 'utf8')
  if (!text.includes(OPEN)) throw new Error(`CHANGELOG.md has no section "${OPEN}": write what users will notice`)
  const today = new Date().toISOString().slice(0, 10)
  writeFileSync(CHANGELOG, text.replace(OPEN, `## ${version} (${today})`))
}
