import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const script = fileURLToPath(new URL('../../../scripts/prose.mjs', import.meta.url))

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'model-canary-prose-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs the check over one page: its exit code, and each fault without the path. */
function checkOf(text: string): { readonly code: number | null; readonly faults: readonly string[] } {
  const page = join(folder, 'page.md')
  writeFileSync(page, text)
  const { status, stdout } = spawnSync(process.execPath, [script, page], { encoding: 'utf8' })
  const faults = stdout.split('\n').filter((line) => line !== '')
  return { code: status, faults: faults.map((line) => line.slice(line.indexOf('page.md:'))) }
}

const wide = 'word '.repeat(25).trim() // 124 columns

describe('the check of the pages', () => {
  it('fails for a line of more than 120 columns and says which', () => {
    expect(checkOf(`# Title\n\n${wide}\n`)).toEqual({ code: 1, faults: ['page.md:3: 124 columns, at most 120'] })
  })

  it('counts characters, not bytes', () => {
    expect(checkOf(`${'µ'.repeat(120)}\n`)).toEqual({ code: 0, faults: [] })
  })

  it('fails for a phrase of the list, also across two lines and in a table', () => {
    expect(checkOf('A health check is\nno request.\n\n| a |\n| - |\n| Whatever it is |\n')).toEqual({
      code: 1,
      faults: [
        'page.md:1: "is no": write "is not a", or "there is no"',
        'page.md:6: "Whatever": write "anyone who", "regardless of", or name the cases',
      ],
    })
  })

  it('passes plain English that looks similar', () => {
    const plain =
      'There is no baseline. It is no longer slow and is no worse. Besides, the state is undone under water.\n'
    expect(checkOf(plain)).toEqual({ code: 0, faults: [] })
  })

  it('does not check code, wide tables and generated pages', () => {
    const page = [
      '```sh',
      `echo nobody ${wide}`,
      '```',
      '',
      `| ${wide} |`,
      '',
      `    nobody ${wide}`,
      '',
      'It prints `nobody` here.',
      '',
      '<!-- made:up -->',
      `nobody ${wide}`,
      '<!-- /made:up -->',
      '',
    ]
    expect(checkOf(page.join('\n'))).toEqual({ code: 0, faults: [] })
  })
})
