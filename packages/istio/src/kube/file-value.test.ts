import { rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { manualClock } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { fileValue, fixedValue } from './file-value.js'
import { scratchFolder } from './scratch-folder.fixture.js'

function stage(content = 'first\n') {
  const path = join(scratchFolder(), 'token')
  writeFileSync(path, content)
  const clock = manualClock()
  return { path, clock, value: fileValue(path, clock) }
}

describe('fileValue', () => {
  it('returns the text without surrounding white space', async () => {
    expect(await stage().value.read()).toBe('first')
  })

  it('reads again after a minute, not before', async () => {
    const { path, clock, value } = stage()
    writeFileSync(path, 'second')
    await clock.advance(59_999)
    expect(await value.read()).toBe('first')
    await clock.advance(1)
    expect(await value.read()).toBe('second')
    expect(value.last).toBe('second')
  })

  it('is not affected by jumps of the wall clock', async () => {
    const { path, clock, value } = stage()
    writeFileSync(path, 'second')
    clock.jump(3_600_000)
    expect(await value.read()).toBe('first')
  })

  it('reads again immediately after a rejection, and then keeps the text', async () => {
    const { path, value } = stage()
    writeFileSync(path, 'second')
    value.refuse()
    expect(await value.read()).toBe('second')
    writeFileSync(path, 'third')
    expect(await value.read()).toBe('second')
  })

  it('follows a link that is replaced, as the kubelet does', async () => {
    const folder = scratchFolder()
    const link = join(folder, 'token')
    writeFileSync(join(folder, 'a'), 'first')
    writeFileSync(join(folder, 'b'), 'second')
    symlinkSync(join(folder, 'a'), link)
    const value = fileValue(link, manualClock())
    unlinkSync(link)
    symlinkSync(join(folder, 'b'), link)
    value.refuse()
    expect(await value.read()).toBe('second')
  })

  it.each([
    ['is missing', (path: string) => rmSync(path)],
    ['is empty', (path: string) => writeFileSync(path, '\n')],
  ])('keeps the previous text while the file %s', async (_, spoil) => {
    const { path, clock, value } = stage()
    spoil(path)
    await clock.advance(60_000)
    expect(await value.read()).toBe('first')
    writeFileSync(path, 'second')
    expect(await value.read()).toBe('second')
  })

  it('rejects with KUBE_CONFIG if that text was rejected', async () => {
    const { path, value } = stage()
    rmSync(path)
    value.refuse()
    await expect(value.read()).rejects.toMatchObject({ code: 'KUBE_CONFIG', message: expect.stringContaining(path) })
  })

  it('immediately refuses a file that cannot be read, is empty, or is too large', () => {
    const refused = expect.objectContaining({ code: 'KUBE_CONFIG' })
    const folder = scratchFolder()
    expect(() => fileValue(join(folder, 'none'), manualClock())).toThrow(refused)
    expect(() => fileValue(folder, manualClock())).toThrow(refused)
    expect(() => stage(' \n')).toThrow(refused)
    expect(() => stage('x'.repeat(5_000_000))).toThrow(refused)
  })
})

describe('fixedValue', () => {
  it('never changes', async () => {
    const value = fixedValue('text')
    value.refuse()
    expect(await value.read()).toBe('text')
  })
})
