import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { bundledProgram, endOf } from './program.fixture.js'
import { service } from './service.fixture.js'

const program = bundledProgram()
const TERMINAL = fileURLToPath(new URL('terminal.fixture.py', import.meta.url))

/** Runs the program on a terminal of 80 columns, and presses Ctrl-C once this text is shown. */
const onTerminal = (args: readonly string[], until = '', env = {}, onOutput = () => {}) =>
  endOf('python3', [TERMINAL, until, process.execPath, program(), ...args], {
    env: { TERM: 'xterm', ...env },
    onOutput,
  })

describe('model-canary watch in a pipe', () => {
  it('writes a line for each change and each decision, without a colour', async () => {
    const { url, canary } = await service()
    let step = 0
    const { code, stdout, stderr } = await endOf(process.execPath, [program(), 'watch', url], {
      onOutput: (text) => {
        if (step === 0 && text.includes('step 1 of 3')) step = Number(void canary.promote({ reason: 'go' })) || 1
        if (step === 1 && text.includes('step 2 of 3')) step = Number(void canary.rollback({ reason: 'stop' })) || 2
      },
    })
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`
    expect(stdout).toMatch(new RegExp(`^${time} sentiment v2: progressing, step 1 of 3, epoch 1, 10 %\n`))
    expect(stdout).toMatch(new RegExp(`^${time} advance by operator: go`, 'm'))
    expect(stdout).toMatch(new RegExp(`\n${time} rolled back: .*stop.*\n$`))
    expect(stdout).not.toContain('\u001b')
  })

  it('writes each event as a line of JSON', async () => {
    const { url, canary } = await service()
    let isAsked = false
    const { code, stdout } = await endOf(process.execPath, [program(), 'watch', url, '--json'], {
      onOutput: () => {
        if (!isAsked) void canary.rollback()
        isAsked = true
      },
    })
    expect(code).toBe(1)
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(events[0]).toMatchObject({ event: 'status', data: { name: 'sentiment', state: 'progressing' } })
    expect(events.at(-1)).toMatchObject({ event: 'end', data: { exit: 1 } })
  })

  it('writes a failure as a line of JSON, too', async () => {
    const args = ['watch', 'http://127.0.0.1:1', '--json', '--patience', '10ms']
    const { code, stdout } = await endOf(process.execPath, [program(), ...args])
    const lines = stdout.trimEnd().split('\n')
    expect(lines.map((line) => Object.keys(JSON.parse(line))[0])).toEqual([
      ...lines.slice(1).map(() => 'event'),
      'error',
    ])
    expect([code, JSON.parse(lines.at(-1)!).exit]).toEqual([3, 3])
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('ends with 130 after %s', async (signal) => {
    const { url } = await service()
    expect(
      await endOf(process.execPath, [program(), 'watch', url], { onOutput: (_text, kill) => kill(signal) }),
    ).toMatchObject({ code: 130 })
  })
})

describe('model-canary watch on a terminal', () => {
  const ESCAPE = '\u001b'

  it('draws the status in place, in colour, and ends with 130 and a visible cursor after Ctrl-C', async () => {
    const { url } = await service()
    const { code, stdout } = await onTerminal(['watch', url], 'step 1 of 3')
    expect(code).toBe(130)
    expect(stdout).toContain('\u001b[?25l')
    expect(stdout).toContain('\u001b[36mprogressing\u001b[39m')
    expect(stdout.lastIndexOf('\u001b[?25h')).toBeGreaterThan(stdout.lastIndexOf('\u001b[2K'))
  })

  it('shows how it ended, with the end in the same place', async () => {
    const { url, canary } = await service()
    let isAsked = false
    const { code, stdout } = await onTerminal(['watch', url], '', {}, () => {
      if (!isAsked) void canary.rollback({ reason: 'stop' })
      isAsked = true
    })
    expect(code).toBe(1)
    expect(stdout).toMatch(new RegExp(`${ESCAPE}\\[\\d+A\r`))
    expect(stdout).toContain('rolled back: ')
  })

  it('has no colours with NO_COLOR, and writes lines on a terminal that cannot move its cursor', async () => {
    const { url } = await service()
    const plain = await onTerminal(['watch', url], 'step 1 of 3', { NO_COLOR: '1' })
    expect(plain.stdout).not.toMatch(new RegExp(`${ESCAPE}\\[\\d+m`))
    const dumb = await onTerminal(['watch', url], 'step 1 of 3', { TERM: 'dumb' })
    expect(dumb).toMatchObject({ code: 130 })
    expect(dumb.stdout).not.toContain('\u001b')
  })
})
