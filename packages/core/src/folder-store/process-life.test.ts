import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { describe, expect, it, vi } from 'vitest'
import { hasEnded, ownLife } from './process-life.js'

const own = (await ownLife())!

describe('the life of a process', () => {
  it('goes on while the process runs', async () => {
    expect(own.pid).toBe(process.pid)
    expect(await hasEnded(own, own)).toBe(false)
  })

  it('has ended if another process has its id', async () => {
    expect(await hasEnded({ ...own, start: '1' }, own)).toBe(true)
  })

  it('has ended if no process has its id', async () => {
    const child = spawn(process.execPath, ['-e', ''])
    await once(child, 'exit')
    expect(await hasEnded({ ...own, pid: child.pid! }, own)).toBe(true)
  })

  it('has ended if nobody has asked how it ended', async () => {
    const parent = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = await once(parent.stdout.setEncoding('utf8'), 'data')
    const stat = await readFile(`/proc/${Number(line)}/stat`, 'utf8')
    const life = { ...own, pid: Number(line), start: stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]! }
    await vi.waitUntil(() => hasEnded(life, own), { timeout: 10_000, interval: 5 })
    expect(() => process.kill(life.pid, 0)).not.toThrow()
    parent.kill('SIGKILL')
    await once(parent, 'exit')
  })

  it('may go on elsewhere: after another boot, on another host, in another namespace', async () => {
    expect(await hasEnded({ ...own, start: '1', where: 'elsewhere' }, own)).toBe(false)
  })

  it('may go on where it cannot be seen', async () => {
    expect(await hasEnded(null, own)).toBe(false)
    expect(await hasEnded({ ...own, start: '1' }, null)).toBe(false)
  })

  it('may go on where the system hides it', async () => {
    const kill = vi.spyOn(process, 'kill').mockImplementation(() => {
      throw Object.assign(new Error('no permission'), { code: 'EPERM' })
    })
    expect(await hasEnded({ ...own, pid: 2 ** 30 }, own)).toBe(false)
    kill.mockRestore()
    expect(await hasEnded({ ...own, pid: 2 ** 30 }, own)).toBe(true)
  })
})
