import { describe, expect, it, vi } from 'vitest'
import { forever, headOf, reportOf } from '../test/records.fixture.js'
import { type CallClient, type EmitterListener, type RedisListener, redisStore } from './index.js'

/** A client that answers every command by a function; the words of all commands are kept. */
function clientWith(answer: (words: readonly string[]) => unknown) {
  const sent: (readonly string[])[] = []
  const client: CallClient = {
    async call(...words) {
      sent.push(words)
      return answer(words)
    },
  }
  return { client, sent, store: redisStore(client, { name: 'sentiment' }) }
}

/** The nonce of a script's call: its first argument after the keys. */
const nonceIn = (words: readonly string[]): string => words[3 + Number(words[2])]!

const LATE = { code: 'REDIS_UNANSWERED' }

/** A signal that is aborted as soon as the command was sent. */
function soonOver(): AbortSignal {
  const deadline = new AbortController()
  queueMicrotask(() => deadline.abort())
  return deadline.signal
}

const noScript = () => {
  throw new Error('NOSCRIPT No matching script. Please use EVAL.')
}

describe('redisStore', () => {
  it.each([
    [undefined, 'takes a client of ioredis, iovalkey or node-redis 6 first'],
    [{}, 'takes a client of ioredis, iovalkey or node-redis 6 first'],
  ])('refuses %j as a client', (client, message) => {
    expect(() => redisStore(client as never, { name: 'sentiment' })).toThrow(message)
  })

  it.each([
    [{ name: '' }, 'INVALID_NAME'],
    [{ name: 'sentiment', prefix: 'a{b}' }, 'INVALID_OPTION'],
    [{ name: 'sentiment', prefix: '' }, 'INVALID_OPTION'],
    [{ name: 'sentiment', listener: {} as RedisListener }, 'INVALID_OPTION'],
    [{ name: 'sentiment', listner: {} }, 'UNKNOWN_OPTION'],
  ])('refuses the options %j', (options, code) => {
    const { client } = clientWith(() => [])
    expect(() => redisStore(client, options)).toThrow(expect.objectContaining({ code }))
  })

  it('keeps all keys of a rollout in one slot, whatever its name is', async () => {
    const { client, sent } = clientWith((words) => [nonceIn(words), 'same', '', '1'])
    await redisStore(client, { name: 'a}b{c', prefix: 'app:mc' }).fleet!.publish(reportOf('one', 1), null, forever)
    const keys = sent[0]!.slice(3, 3 + Number(sent[0]![2]))
    expect(keys.length).toBeGreaterThan(4)
    for (const key of keys) expect(key).toMatch(/^app:mc:\{a%7Db%7Bc\}:[^{}]+$/)
  })

  it('sends the script where the server does not know its hash', async () => {
    const { sent, store } = clientWith((words) => (words[0] === 'EVALSHA' ? noScript() : [nonceIn(words), '', '', '']))
    expect(await store.load(forever)).toBeUndefined()
    expect(sent.map(([command]) => command)).toEqual(['EVALSHA', 'EVAL'])
  })

  it('leaves out the flags of scripts where the server does not know them, as Redis 6 does', async () => {
    const { sent, store } = clientWith((words) => {
      if (words[0] === 'EVALSHA') noScript()
      if (words[1]!.startsWith('#!')) throw new Error('ERR Error compiling script (new function): user_script:1: …')
      return [nonceIn(words), 'written', 'origin', '']
    })
    await store.write({ expect: null, head: headOf('a') }, forever)
    await store.write({ expect: 'a', head: headOf('b') }, forever)
    const texts = sent.filter(([command]) => command === 'EVAL').map(([, text]) => text!.slice(0, 2))
    expect(texts).toEqual(['#!', '\nl', '\nl'])
  })

  it('takes whole numbers as texts, as some clients are set to return them', async () => {
    const { store } = clientWith((words) => [nonceIn(words), 'one', '7', '9000'])
    expect(await store.fleet!.lease({ id: 'one', ttlMs: 10_000, leastFence: 0 }, forever)).toEqual({
      isMine: true,
      fence: 7,
      holder: 'one',
      leftMs: 9_000,
    })
  })

  it.each([
    ['the answer to another call', (words: readonly string[]) => [`${nonceIn(words)}x`, 'written', '']],
    ['a single word', () => 'OK'],
    ['nothing', () => null],
    ['an error that is a value', () => new Error('ERR unknown subcommand')],
  ])('takes a write as lost where the client returns %s, and counts it', async (_, answer) => {
    const { store } = clientWith(answer)
    const heard: unknown[] = []
    store.follow((head) => heard.push(head))
    const written = store.write({ expect: null, head: headOf('a') }, forever)
    await expect(written).rejects.toMatchObject({ code: 'REDIS_MISROUTED' })
    expect(heard).toEqual([])
    expect(store.misrouted()).toBe(1)
  })

  it.each([
    ['READONLY You can’t write against a read only replica.', 'connect to the primary'],
    ['NOPERM this user has no permissions', 'the permissions that the README'],
    // the servers name a missing permission otherwise where a script needs it
    ["ERR The user executing the script can't run this command or subcommand script: 8", 'permissions that the README'],
    ["ERR ACL failure in script: User c has no permissions to run the 'hmget' command", 'permissions that the README'],
    // Redis 6 says where in the script it failed before it says why
    [
      'ERR Error running script (call to f_8): @user_script:2: WRONGTYPE Operation against a key',
      'another program uses',
    ],
    ['ERR Error running script (call to f_8): @user_script:2: @user_script: 2: -OOM command not', 'raise maxmemory'],
    ['WRONGPASS invalid username-password pair or user is disabled.', 'check the user name and the password'],
    ['MASTERDOWN Link with MASTER is down', 'connect to the primary'],
    ['NOREPLICAS Not enough good replicas to write.', 'min-replicas-to-write'],
    ['MOVED 3999 10.0.0.1:6381', 'the Cluster of ioredis'],
    ['CLUSTERDOWN Hash slot not served', 'a part of the cluster has no server'],
    ['LOADING Redis is loading the dataset in memory', 'the server has to read its data first'],
    ['Connection is closed.', 'Redis: Connection is closed.'],
  ])('says what to do about %s', async (message, advice) => {
    const { store } = clientWith(() => {
      throw new Error(message)
    })
    await expect(store.load(forever)).rejects.toMatchObject({
      code: 'REDIS_FAILED',
      message: expect.stringContaining(advice),
    })
  })

  it('ends a call when its signal is aborted, and ignores the late answer', async () => {
    const deadline = new AbortController()
    const { sent, store } = clientWith(() => new Promise(() => {}))
    const loading = store.load(deadline.signal)
    deadline.abort(new Error('2 s'))
    await expect(loading).rejects.toMatchObject({ code: 'REDIS_UNANSWERED', cause: new Error('2 s') })
    await expect(store.load(deadline.signal)).rejects.toMatchObject(LATE)
    expect(sent.length).toBe(1) // the second call was not sent
  })

  it('ends all calls of one signal, to which it listens once', async () => {
    const deadline = new AbortController()
    const listened = vi.spyOn(deadline.signal, 'addEventListener')
    const { store } = clientWith(() => new Promise(() => {}))
    const answered = clientWith((words) => [nonceIn(words), '', '', '']).store
    for (let at = 0; at < 20; at += 1) await answered.load(deadline.signal)
    const calls = [store.load(deadline.signal), store.load(deadline.signal)]
    deadline.abort()
    for (const call of calls) await expect(call).rejects.toMatchObject(LATE)
    expect(listened).toHaveBeenCalledTimes(1)
  })

  it('sends few polls while the client does not answer, and all of them as soon as it does', async () => {
    let isSilent = true
    const waiting: (() => void)[] = []
    const { sent, store } = clientWith((words) => {
      const answer = [nonceIn(words), 'same', '', 1]
      return isSilent ? new Promise((resolve) => waiting.push(() => resolve(answer))) : answer
    })
    const publish = (signal = new AbortController().signal) => store.fleet!.publish(reportOf('one', 1), null, signal)
    for (let at = 0; at < 100; at += 1) await expect(publish(soonOver())).rejects.toMatchObject(LATE)
    expect(sent.length).toBe(16 + 5) // the first 16, and a few more to see whether the client answers again
    await expect(store.write({ expect: null, head: headOf('a') }, soonOver())).rejects.toMatchObject(LATE)
    expect(sent.length).toBe(22) // a write is always sent
    isSilent = false
    for (const answer of waiting) answer()
    await expect.poll(() => publish().catch(({ code }) => code)).toEqual({ lives: 1 })
    await Promise.all(Array.from({ length: 50 }, () => publish()))
  })

  it('sends an urgent head to the others before it is stored', async () => {
    const { sent, store } = clientWith((words) =>
      words[0] === 'PUBLISH' ? 1 : [nonceIn(words), 'written', 'origin', ''],
    )
    await store.write({ expect: null, head: headOf('a'), isUrgent: true }, forever)
    expect(sent.map(([command]) => command)).toEqual(['EVALSHA']) // the others would not know whose it is
    const head = headOf('b')
    await store.write({ expect: 'a', head, isUrgent: true }, forever)
    expect(sent[1]).toEqual(['PUBLISH', 'mc:{sentiment}:ch', `origin ${JSON.stringify(head)}`])
    expect(sent[2]![0]).toBe('EVALSHA')
  })

  it('stores an urgent head also where it cannot be sent to the others', async () => {
    const { store } = clientWith((words) => {
      if (words[0] === 'PUBLISH') throw new Error('NOPERM')
      return [nonceIn(words), 'written', 'origin', '']
    })
    await store.write({ expect: null, head: headOf('a') }, forever)
    expect(await store.write({ expect: 'a', head: headOf('b'), isUrgent: true }, forever)).toEqual({ kind: 'written' })
  })

  it.each(['{', '7', '{"tag":1}'])('refuses %s as a stored head', async (text) => {
    const { store } = clientWith((words) => [nonceIn(words), 'origin', text, ''])
    await expect(store.load(forever)).rejects.toMatchObject({ code: 'INVALID_STATE' })
  })

  it('leaves out a body and decisions that are damaged', async () => {
    const head = headOf('a')
    const { store } = clientWith((words) => [
      nonceIn(words),
      'origin',
      JSON.stringify(head),
      '{"evi',
      '{"sequence":2}',
      'x',
      '{"sequence":1}',
    ])
    expect(await store.load(forever)).toEqual({ head, body: null, history: [{ sequence: 1 }, { sequence: 2 }] })
  })

  it('tells the other followers where one of them throws', async () => {
    const { store } = clientWith((words) => [nonceIn(words), 'written', 'origin', ''])
    const heard: string[] = []
    store.follow(() => {
      throw new Error('a fault in the listener')
    })
    store.follow(({ tag }) => heard.push(tag))
    await store.write({ expect: null, head: headOf('a') }, forever)
    expect(heard).toEqual(['a'])
  })
})

describe('a listener', () => {
  const { client } = clientWith((words) => [nonceIn(words), 'written', 'origin', ''])

  it('is subscribed once for several stores of a channel, and until the last of them ends', async () => {
    const calls: string[] = []
    const handlers: ((channel: string, message: string) => void)[] = []
    const listener: EmitterListener & CallClient = {
      ...client,
      subscribe: async (channel) => calls.push(`+${channel}`),
      unsubscribe: async (channel) => calls.push(`-${channel}`),
      on: (_, handler) => handlers.push(handler),
    }
    const stores = [1, 2].map(() => redisStore(client, { name: 'a', listener }))
    const heard: string[] = []
    const ends = stores.map((store, at) => store.follow(({ tag }) => heard.push(`${at} ${tag}`)))
    expect(handlers.length).toBe(1)
    handlers[0]!('mc:{a}:ch', `origin ${JSON.stringify(headOf('x'))}`)
    handlers[0]!('mc:{b}:ch', `origin ${JSON.stringify(headOf('y'))}`)
    handlers[0]!('mc:{a}:ch', 'not a head')
    expect(heard).toEqual(['0 x', '1 x'])
    ends[0]!()
    expect(calls.filter((call) => call.startsWith('-'))).toEqual([])
    handlers[0]!('mc:{a}:ch', `origin ${JSON.stringify(headOf('z'))}`)
    await stores[1]!.close()
    expect(heard).toEqual(['0 x', '1 x', '1 z'])
    expect(calls.at(-1)).toBe('-mc:{a}:ch')
  })

  it('is subscribed again with the next answer after it has failed', async () => {
    let tries = 0
    const listener: RedisListener = {
      subscribe: async () => {
        tries += 1
        throw new Error('Connection is closed.')
      },
      unsubscribe: async () => {},
    }
    const store = redisStore(client, { name: 'a', listener })
    const heard: string[] = []
    store.follow(({ tag }) => heard.push(tag))
    await expect.poll(() => tries).toBe(1)
    await store.write({ expect: null, head: headOf('a') }, forever)
    expect([tries, heard]).toEqual([2, ['a']])
  })
})
