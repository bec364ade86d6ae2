import { execFileSync, spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { folderWith } from './files.fixture.js'
import { ran } from './run.fixture.js'

const has = (shell: string): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0

const told = (shell: string, ...args: readonly string[]): string => execFileSync(shell, args, { encoding: 'utf8' })

const scriptFor = async (shell: string): Promise<string> => {
  const { code, stdout, stderr } = await ran(['completion', shell])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return folderWith({ script: stdout })('script')
}

/** Returns what bash offers for the last of these words. */
function offeredByBash(script: string, words: readonly string[]): readonly string[] {
  const line = words.map((word) => `'${word}'`).join(' ')
  const program = `source "$0"; COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _model_canary; echo "\${COMPREPLY[*]}"`
  return told('bash', '--norc', '-c', program, script).trim().split(' ')
}

describe('model-canary completion', () => {
  it.skipIf(!has('bash'))('completes commands, options and commands below commands in bash', async () => {
    const script = await scriptFor('bash')
    expect(offeredByBash(script, ['model-canary', 're'])).toEqual(['resume', 'retry', 'replay'])
    expect(offeredByBash(script, ['model-canary', 'promote', '--e'])).toEqual(['--expect'])
    expect(offeredByBash(script, ['model-canary', 'promote', 'http://x', '--reason', 'r', '--f'])).toEqual(['--full'])
    expect(offeredByBash(script, ['model-canary', 'manifests', 'i'])).toEqual(['istio'])
    expect(offeredByBash(script, ['model-canary', 'manifests', 'istio', '--ga'])).toEqual(['--gateways'])
  })

  it.skipIf(!has('fish'))('completes the same in fish, with descriptions', async () => {
    const script = await scriptFor('fish')
    const offered = (line: string) => told('fish', '--no-config', '-c', `source ${script}; complete -C '${line}'`)
    expect(offered('model-canary roll')).toBe('rollback\tsends every request to the baseline and ends the rollout\n')
    expect(offered('model-canary promote --exp')).toMatch(/^--expect\tSTEP or STEP\/EPOCH/)
    expect(offered('model-canary manifests gate')).toMatch(/^gateway\t/)
    expect(offered('model-canary manifests istio --gatew')).toMatch(/^--gateways\t/)
  })

  it.skipIf(!has('zsh'))('is understood by zsh', async () => {
    const script = await scriptFor('zsh')
    const program = `autoload -Uz compinit && compinit -D -u && source ${script} && echo $_comps[model-canary]`
    expect(told('zsh', '-f', '-c', program)).toBe('_model_canary\n')
  })

  it('ends with 2 for another shell', async () => {
    expect(await ran(['completion', 'cmd'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/bash, zsh, fish/),
    })
  })
})
