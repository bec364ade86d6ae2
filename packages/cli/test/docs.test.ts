import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { shellCommandsOf } from '../src/completion/shell-words.js'
import { createProgram } from '../src/program.js'
import type { World } from '../src/world.js'

const page = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8')
const commands = shellCommandsOf(createProgram({ world: { stdout: {}, stderr: {} } as World, end: () => {} }))

describe('docs/cli.md', () => {
  it('has every command and every option', () => {
    expect(commands.length).toBeGreaterThan(15)
    const words = commands.flatMap(({ path, commands, options }) => [
      ...commands.map(({ word }) => ({ at: path.join(' '), word })),
      ...options.map(({ word }) => ({ at: path.join(' '), word })),
    ])
    const missing = words.filter(({ word }) => !new RegExp(`${word}(?![\\w-])`).test(page))
    expect(missing.filter(({ word }) => word !== '--version')).toEqual([])
  })

  it('has no option that does not exist', () => {
    const known = new Set(commands.flatMap(({ options }) => options.map(({ word }) => word)))
    const ofOthers = ['--global'] // of npm
    const named = [...page.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([word]) => word)
    expect(named.filter((word) => !known.has(word) && !ofOthers.includes(word))).toEqual([])
  })
})
