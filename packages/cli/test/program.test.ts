import { describe, expect, it } from 'vitest'
import { bundledProgram, endOf } from './program.fixture.js'
import { service, TOKEN } from './service.fixture.js'

const program = bundledProgram()
const inPipe = (args: readonly string[], env = {}, input?: string) =>
  endOf(process.execPath, [program(), ...args], { env, ...(input !== undefined && { input }) })

describe('the program in a pipe', () => {
  it('writes plain lines and ends with 0', async () => {
    const { url } = await service()
    const { code, stdout, stderr } = await inPipe(['status', url])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^rollout {5}sentiment: v2 against v1\n/)
    expect(stdout).not.toContain('\u001b')
  })

  it('carries a verb out with the token of a file', async () => {
    const { url, canary } = await service()
    expect(await inPipe(['pause', url], { MODEL_CANARY_TOKEN: TOKEN })).toMatchObject({ code: 0, stderr: '' })
    expect(canary.status().state).toBe('paused')
  })

  it('ends with 2 for a wrong command line, and with 3 if nobody is there', async () => {
    expect(await inPipe(['stats'])).toMatchObject({ code: 2, stdout: '' })
    expect(await inPipe(['status', 'http://127.0.0.1:1'])).toMatchObject({ code: 3, stdout: '' })
  })

  it('reads a plan from a pipe of a shell, and from a program that starts it', async () => {
    const plan = '{"plan":[10,100]}'
    const text = `echo '${plan}' | "${process.execPath}" "${program()}" validate -`
    expect(await endOf('/bin/sh', ['-c', text])).toMatchObject({ code: 0, stderr: '' })
    expect(await inPipe(['validate', '-'], {}, plan)).toMatchObject({ code: 0, stderr: '' })
  })

  it('ends although its reader has left', async () => {
    const { url } = await service()
    const { code } = await endOf('/bin/sh', ['-c', `"${process.execPath}" "${program()}" status ${url} | true`])
    expect(code).toBe(0)
  })
})
