import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript'
import { afterEach, describe, expect, it } from 'vitest'
import { writeBackports } from '../src/backports.js'
import { findServer, realServer, startHaproxy, startPrometheus, startRedis, startServer } from '../src/index.js'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'real-servers-'))
  closers.push(() => rmSync(folder, { recursive: true }))
  return folder
}

/** Whether a process runs; a zombie whose parent has not asked for it does not. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

function program(path: string): string {
  writeFileSync(path, '#!/bin/sh\n')
  chmodSync(path, 0o755)
  return path
}

describe('findServer', () => {
  it('prefers the path in the environment variable to the PATH', () => {
    const folder = scratch()
    program(join(folder, 'redis-server'))
    const mine = program(join(folder, 'mine'))
    expect(findServer('redis-server', { env: { MODEL_CANARY_REDIS_SERVER: mine, PATH: folder } })).toBe(mine)
  })

  it('finds nothing if the environment variable is not the path of a program', () => {
    const folder = scratch()
    program(join(folder, 'haproxy'))
    expect(findServer('haproxy', { env: { MODEL_CANARY_HAPROXY: '/nowhere', PATH: folder } })).toBeUndefined()
  })

  it('takes the first program on the PATH, and skips a folder of that name', () => {
    const [first, second] = [scratch(), scratch()]
    const path = program(join(second, 'kubectl'))
    expect(findServer('kubectl', { env: { PATH: `${first}:${second}` } })).toBe(path)
  })

  it('uses a copy that was downloaded earlier', () => {
    const cache = scratch()
    const launch = join(cache, 'haproxy', 'launch')
    mkdirSync(launch, { recursive: true })
    const path = program(join(launch, 'haproxy'))
    expect(findServer('haproxy', { env: {}, cache })).toBe(path)
  })

  it('does not trust a folder of downloads that others may write to', () => {
    const cache = scratch()
    mkdirSync(join(cache, 'haproxy', 'launch'), { recursive: true })
    program(join(cache, 'haproxy', 'launch', 'haproxy'))
    chmodSync(cache, 0o777)
    expect(findServer('haproxy', { env: {}, cache })).toBeUndefined()
  })
})

describe('realServer', () => {
  const recordingRunner = () => {
    const titles: string[] = []
    return {
      titles,
      describe: (title: string, body: () => void) => {
        titles.push(title)
        body()
      },
      it: { skip: (title: string) => titles.push(`skipped: ${title}`) },
    }
  }
  const withEnvironment = (values: Readonly<Record<string, string | undefined>>, run: () => void) => {
    const before = { ...process.env }
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
    try {
      run()
    } finally {
      process.env = before
    }
  }

  it('skips one test that names what is missing', () => {
    const runner = recordingRunner()
    withEnvironment({ CI: undefined, MODEL_CANARY_KUBECTL: '/nowhere' }, () =>
      realServer(runner, ['kubectl'], 'a cluster', () => {}),
    )
    expect(runner.titles).toEqual(['skipped: NOT RUN, there is no kubectl: a cluster'])
  })

  it('throws if CI is set and a server is missing', () => {
    withEnvironment({ CI: 'true', MODEL_CANARY_KUBECTL: '/nowhere' }, () =>
      expect(() => realServer(recordingRunner(), ['kubectl'], 'a cluster', () => {})).toThrow('there is no kubectl'),
    )
  })
})

describe('startServer', () => {
  it('rejects with the output of a program that stops before it answers', async () => {
    const started = startServer({
      command: '/bin/sh',
      args: () => ['-c', 'echo no such option >&2; exit 3'],
      isReady: () => Promise.reject(new Error('not yet')),
    })
    await expect(started).rejects.toThrow('no such option')
  })

  it('rejects if the program does not exist', async () => {
    await expect(startServer({ command: '/nowhere', args: () => [], isReady: async () => true })).rejects.toThrow(
      '/nowhere',
    )
  })

  it('ends the server when the process that started it is killed', async () => {
    const folder = scratch()
    const source = readFileSync(new URL('../src/running-server.ts', import.meta.url), 'utf8')
    const { outputText } = transpileModule(source, {
      compilerOptions: { module: ModuleKind.ESNext, target: ScriptTarget.ES2022 },
    })
    writeFileSync(
      join(folder, 'parent.mjs'),
      `${outputText}
      const server = await startServer({ command: 'sleep', args: () => ['600'], isReady: async () => true })
      console.log(server.pid)
      setInterval(() => {}, 1_000)`,
    )
    const parent = spawn(process.execPath, [join(folder, 'parent.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [printed] = await once(parent.stdout, 'data')
    const pid = Number(printed)
    expect(isAlive(pid)).toBe(true)
    parent.kill('SIGKILL')
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false)
  })
})

realServer({ describe, it }, ['prometheus'], 'a real Prometheus', () => {
  it('scrapes a target, and answers queries', async () => {
    const target = createServer((_, response) => response.end('answered_total 42\n')).listen(0, '127.0.0.1')
    closers.push(() => target.close())
    await expect.poll(() => target.listening).toBe(true)
    const prometheus = await startPrometheus({
      scrape: [{ job: 'service', targets: [`127.0.0.1:${(target.address() as AddressInfo).port}`] }],
    })
    closers.push(prometheus.close)
    const value = async () => {
      const answer = await fetch(`${prometheus.url}/api/v1/query?query=answered_total`)
      const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } }
      return data.result[0]?.value[1]
    }
    await expect.poll(value, { timeout: 20_000 }).toBe('42')
  }, 40_000)
})

realServer({ describe, it }, ['haproxy'], 'a real HAProxy', () => {
  it('proxies requests, and answers on its runtime socket', async () => {
    const target = createServer((_, response) => response.end('from behind')).listen(0, '127.0.0.1')
    closers.push(() => target.close())
    await expect.poll(() => target.listening).toBe(true)
    const haproxy = await startHaproxy({
      config: ([port]) => `defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
listen front
  bind 127.0.0.1:${port}
  server only 127.0.0.1:${(target.address() as AddressInfo).port}`,
    })
    closers.push(haproxy.close)
    expect(await (await fetch(`http://127.0.0.1:${haproxy.ports[0]}/`)).text()).toBe('from behind')
    expect(await haproxy.runtime('show servers conn front')).toContain('front/only')
    await haproxy.close()
    await expect(fetch(`http://127.0.0.1:${haproxy.ports[0]}/`)).rejects.toThrow()
  }, 40_000)
})

describe.each(['redis-server', 'valkey-server'] as const)('%s', (program) => {
  realServer({ describe, it }, [program], `a real ${program}`, (command) => {
    it('starts with its libraries, wherever it was found, and answers commands', async () => {
      const server = await startRedis({ program, command: command! })
      closers.push(server.close)
      expect(server.log()).toContain('Ready to accept connections')
      expect(await server.command('SET', 'a key', 'a value')).toBe('+OK\r\n')
      expect(await server.command('GET', 'a key')).toBe('$7\r\na value\r\n')
    }, 40_000)
  })
})

describe('writeBackports', () => {
  const systemWith = (files: Readonly<Record<string, string>>): string => {
    const system = scratch()
    mkdirSync(join(system, 'apt', 'sources.list.d'), { recursive: true })
    for (const [path, text] of Object.entries(files)) writeFileSync(join(system, path), text)
    return system
  }

  it('adds the backports of the release to its archive, and leaves out other archives', () => {
    const folder = scratch()
    const system = systemWith({
      'os-release': 'ID=debian\nVERSION_CODENAME=bookworm\n',
      'apt/sources.list.d/debian.sources':
        'Types: deb\nURIs: http://archive\nSuites: bookworm bookworm-updates\n\nTypes: deb\nSuites: bookworm-security\n',
      'apt/sources.list': 'deb http://other bookworm main\ndeb http://third stable main\n',
    })
    expect(writeBackports(folder, system)).toBe(true)
    expect(readFileSync(join(folder, 'backports.sources'), 'utf8')).toBe(
      'Types: deb\nURIs: http://archive\nSuites: bookworm bookworm-backports\n',
    )
    expect(readFileSync(join(folder, 'backports.list'), 'utf8')).toBe(
      'deb http://other bookworm main\ndeb http://other bookworm-backports main\n',
    )
  })

  it('returns false where the release is not known', () => {
    expect(writeBackports(scratch(), systemWith({ 'os-release': 'ID=other\n' }))).toBe(false)
  })
})
