import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { realServer } from '@model-canary/real-servers'
import { describe, expect, it } from 'vitest'
import { folderWith } from './files.fixture.js'
import { ran } from './run.fixture.js'

const told = (shell: string, args: readonly string[], env = {}): string =>
  execFileSync(shell, args, { encoding: 'utf8', env: { ...process.env, ...env } })

/** Makes a fish that is not installed find its functions, in the folder that it was unpacked to. */
function fishWithFunctions(fish: string): string {
  const functions = join(dirname(fish), '..', 'usr', 'share', 'fish', 'functions')
  return existsSync(functions) ? `set -p fish_function_path ${functions};` : ''
}

/** Where a zsh that is not installed has its functions: in the folder that it was unpacked to. */
function functionsOf(zsh: string): { readonly FPATH?: string } {
  const functions = join(dirname(zsh), '..', 'usr', 'share', 'zsh', 'functions')
  if (!existsSync(functions)) return {}
  const folders = readdirSync(functions, { withFileTypes: true, recursive: true }).filter((entry) =>
    entry.isDirectory(),
  )
  return { FPATH: [functions, ...folders.map(({ parentPath, name }) => join(parentPath, name))].join(':') }
}

const scriptFor = async (shell: string): Promise<string> => {
  const { code, stdout, stderr } = await ran(['completion', shell])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return folderWith({ script: stdout })('script')
}

/** Returns what bash offers for the last of these words. */
function offeredByBash(script: string, words: readonly string[]): readonly string[] {
  const line = words.map((word) => `'${word}'`).join(' ')
  const program = `source "$0"; COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _model_canary; echo "\${COMPREPLY[*]}"`
  return told('bash', ['--norc', '-c', program, script]).trim().split(' ')
}

describe('model-canary completion', () => {
  it('completes commands, options and commands below commands in bash', async () => {
    const script = await scriptFor('bash')
    expect(offeredByBash(script, ['model-canary', 're'])).toEqual(['resume', 'retry', 'replay'])
    expect(offeredByBash(script, ['model-canary', 'promote', '--e'])).toEqual(['--expect'])
    expect(offeredByBash(script, ['model-canary', 'promote', 'http://x', '--reason', 'r', '--f'])).toEqual(['--full'])
    expect(offeredByBash(script, ['model-canary', 'manifests', 'i'])).toEqual(['istio'])
    expect(offeredByBash(script, ['model-canary', 'manifests', 'istio', '--ga'])).toEqual(['--gateways'])
  })

  it('ends with 2 for another shell', async () => {
    expect(await ran(['completion', 'cmd'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/bash, zsh, fish/),
    })
  })
})

realServer({ describe, it }, ['fish', 'zsh'], 'model-canary completion in other shells', (fish, zsh) => {
  it('completes the same in fish, with descriptions', async () => {
    const script = await scriptFor('fish')
    const offered = (line: string) =>
      told(fish!, ['--no-config', '-c', `${fishWithFunctions(fish!)} source ${script}; complete -C '${line}'`])
    expect(offered('model-canary roll')).toBe('rollback\tsends every request to the baseline and ends the rollout\n')
    expect(offered('model-canary promote --exp')).toMatch(/^--expect\tSTEP or STEP\/EPOCH/)
    expect(offered('model-canary manifests gate')).toMatch(/^gateway\t/)
    expect(offered('model-canary manifests istio --gatew')).toMatch(/^--gateways\t/)
  })

  it('is understood by zsh', async () => {
    const script = await scriptFor('zsh')
    const program = `autoload -Uz compinit && compinit -D -u && source ${script} && echo $_comps[model-canary]`
    expect(told(zsh!, ['-f', '-c', program], functionsOf(zsh!))).toBe('_model_canary\n')
  })
})
