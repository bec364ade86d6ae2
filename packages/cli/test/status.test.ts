import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { ran } from './run.fixture.js'
import { type Interference, service, TOKEN } from './service.fixture.js'

/** Answers with this in place of a status. */
const answering =
  (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Interference =>
  (_request, response) =>
    response.writeHead(status, headers).end(body)

const bearer = ({ headers }: IncomingMessage) => headers.authorization === `Bearer ${TOKEN}`

const STATUS = { name: 'evil', state: 'progressing', weight: 10, step: 1, epoch: 1 }

describe('model-canary status', () => {
  it('shows where the rollout stands', async () => {
    const { url } = await service()
    const { code, stdout, stderr } = await ran(['status', url])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^rollout {5}sentiment: v2 against v1\nstate {7}progressing, step 1 of 3, epoch 1\n/)
    expect(stdout).toMatch(/^weight {6}10 %/m)
    expect(stdout).not.toContain('\u001b')
  })

  it.each([
    [{ inForce: { weight: 0 } }, '0 %: the canary is disabled; 10 % when it is enabled'],
    [
      { inForce: { weight: 10 }, heldBy: { by: 'target', code: 'TARGET_FAILED' } },
      '0 % decided, 10 % in force, held by the target: the canary is disabled; 10 % when it is enabled',
    ],
  ])('shows what is in force while the canary is disabled: %o', async (members, expected) => {
    const body = JSON.stringify({ ...STATUS, enabled: false, ...members })
    const { url, interfere } = await service()
    interfere(answering(200, body))
    const { stdout } = await ran(['status', url])
    expect(stdout).toContain(`weight      ${expected}\n`)
  })

  it('takes the address from the environment', async () => {
    const { url } = await service()
    expect(await ran(['status'], { env: { MODEL_CANARY_URL: url } })).toMatchObject({ code: 0 })
  })

  it('writes what the service answers as JSON', async () => {
    const { url, canary } = await service()
    const { stdout } = await ran(['status', url, '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ name: 'sentiment', instance: canary.status().instance, weight: 10 })
  })

  it('has colours on a terminal, and none with NO_COLOR, --no-color or TERM=dumb', async () => {
    const { url } = await service()
    const coloured = async (args: readonly string[], env = {}) =>
      (await ran(['status', url, ...args], { isTerminal: true, env })).stdout.includes('\u001b[')
    expect(await coloured([])).toBe(true)
    expect(await coloured([], { NO_COLOR: '' })).toBe(true)
    expect(await coloured([], { NO_COLOR: '1' })).toBe(false)
    expect(await coloured([], { TERM: 'dumb' })).toBe(false)
    expect(await coloured(['--no-color'])).toBe(false)
  })

  it('finds one of several by its name, and says which there are', async () => {
    const { url } = await service({ names: ['sentiment', 'spam/eu'] })
    expect(await ran(['status', url, '--rollout', 'spam/eu'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('spam/eu: v2'),
    })
    expect(await ran(['status', url])).toMatchObject({ code: 2, stderr: expect.stringContaining('sentiment, spam/eu') })
    expect(await ran(['status', url, '--rollout', 'spam'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no rollout of that name'),
    })
  })

  it('finds the only rollout by its name as well', async () => {
    const { url } = await service()
    expect(await ran(['status', url, '--rollout', 'sentiment'])).toMatchObject({ code: 0 })
    const { url: listed } = await service({ names: ['sentiment'] })
    expect(await ran(['status', listed])).toMatchObject({ code: 0 })
  })

  it('sends the token of the environment, of a file or of the command line', async () => {
    const { url, requests } = await service({ routes: { authorizeReads: true, authorize: bearer } })
    expect(await ran(['status', url])).toMatchObject({ code: 5, stderr: expect.stringContaining('--token-file') })
    expect(await ran(['status', url], { env: { MODEL_CANARY_TOKEN: 'wrong' } })).toMatchObject({ code: 5 })
    expect(await ran(['status', url], { env: { MODEL_CANARY_TOKEN: TOKEN } })).toMatchObject({ code: 0, stderr: '' })
    const onLine = await ran(['status', url, '--token', TOKEN])
    expect(onLine).toMatchObject({ code: 0, stderr: expect.stringContaining('list of processes') })
    expect(onLine.stderr).not.toContain(TOKEN)
    expect(requests.map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      'Bearer wrong',
      `Bearer ${TOKEN}`,
      `Bearer ${TOKEN}`,
    ])
  })

  it('never writes control characters of the service to a terminal, and leaves JSON what it is', async () => {
    const { url, interfere } = await service()
    const name = 'a\u001b[2J\u202eb\nc\u009b'
    interfere(answering(200, JSON.stringify({ ...STATUS, name })), answering(200, JSON.stringify({ ...STATUS, name })))
    const { stdout } = await ran(['status', url])
    expect(stdout).toContain('a\\u001b[2J\\u202eb\\u000ac\\u009b')
    const json = await ran(['status', url, '--json'])
    for (const unit of ['\u001b', '\u202e', '\u009b']) expect(json.stdout).not.toContain(unit)
    expect(JSON.parse(json.stdout).name).toBe(name)
  })

  it.each([
    ['a page', 200, '<html>', {}, /not with the status/],
    ['another object', 200, '{"weight":"10"}', {}, /not with the status/],
    ['a list', 200, '[1]', {}, /not with the status/],
    ['a redirect', 302, '', { location: 'http://127.0.0.1:1/' }, /redirect/],
    ['an error', 500, 'oops', {}, /answered 500/],
    ['more than anybody sends', 200, `"${'x'.repeat(16_777_216)}"`, {}, /larger than 16777216 bytes/],
  ])('ends with 3 for %s', async (_name, status, body, headers, message) => {
    const { url, interfere } = await service()
    interfere(answering(status, body, headers as Record<string, string>))
    expect(await ran(['status', url])).toMatchObject({ code: 3, stdout: '', stderr: expect.stringMatching(message) })
  })

  it('ends with 3 if nobody is there, or nobody answers', async () => {
    expect(await ran(['status', 'http://127.0.0.1:1/canary'])).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/not reachable/),
    })
    const { url, interfere } = await service()
    interfere(() => {})
    expect(await ran(['status', url, '--timeout', '50ms'])).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/no answer within 50 ms/),
    })
    expect(await ran(['status', `${url}/elsewhere`])).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/no routes of model-canary at/),
    })
  })

  it('ends with 130 if it is interrupted', async () => {
    const { url, interfere } = await service()
    const interruption = new AbortController()
    interfere(() => interruption.abort())
    expect(await ran(['status', url], { interrupted: interruption.signal })).toMatchObject({ code: 130 })
  })

  it.each([
    [['status'], /address of the routes is missing/],
    [['status', 'localhost:3000'], /is no address/],
    [['status', 'http://ada:secret@localhost'], /--token-file/],
    [['status', 'http://localhost/?a=b'], /query/],
    [['status', 'http://localhost', '--timeout', '10'], /time with a unit/],
    [['status', 'http://localhost', '--token-file', '/nowhere'], /cannot be read \(ENOENT\)/],
    [['status', 'http://localhost', '--token-file', '/dev/zero'], /larger than 65536 bytes/],
    [['status', 'http://localhost', '--token', 'two words'], /one token/],
    [['status', 'http://localhost', '--token', 'a', '--token-file', 'b'], /not both/],
    [['statsu', 'http://localhost'], /Did you mean status/],
    [['status', 'http://localhost', '--jsno'], /Did you mean --json/],
    [['status', '\u001b]0;title\u0007'], /\\u001b\]0;title\\u0007/],
    [[], /Commands:/],
  ])('ends with 2 for %j', async (args, message) => {
    const { code, stdout, stderr } = await ran(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
  })

  it('says in JSON what went wrong, with --json', async () => {
    const { stdout, code } = await ran(['status', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'NO_ADDRESS' }, exit: 2 })
    expect(code).toBe(2)
  })

  it.each([
    [['status', '--jsn', '--json'], /unknown option '--jsn'/],
    [['status', 'http://localhost', '--timeout', '10', '--json'], /time with a unit/],
    [['statsu', '--json'], /unknown command 'statsu'/],
  ])('says in JSON that the command line %j is wrong', async (args, message) => {
    const { stdout, stderr, code } = await ran(args)
    expect(JSON.parse(stdout)).toEqual({ error: { code: 'USAGE', message: expect.stringMatching(message) }, exit: 2 })
    expect(JSON.parse(stdout).error.message).not.toMatch(/^error:/)
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)])
  })

  it('has help with examples and the exit codes', async () => {
    const { code, stdout } = await ran(['status', '--help'])
    expect(code).toBe(0)
    expect(stdout).toContain('$ model-canary status http://localhost:3000/canary')
    expect(stdout).toContain('130  interrupted')
    expect(await ran(['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
  })
})
