import { CanaryError } from '@model-canary/core'
import type { Controller } from '@model-canary/core/controller'
import { expect, it } from 'vitest'
import { controlUntil } from '../src/control-until.js'

/** As much of a controller as is used here. */
function ending(run: () => Promise<unknown>) {
  const done: string[] = []
  const controller = {
    run: async () => {
      done.push('run')
      await run()
    },
    explain: () => 'rolled back',
    close: async () => void done.push('close'),
  } as unknown as Controller
  const log = { log: (line: string) => done.push(line), error: (line: string) => done.push(line) }
  return { controller, done, log }
}

const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length

it('stays up after the end, until it is told to stop', async () => {
  const stop = new AbortController()
  const before = timers()
  const { controller, done, log } = ending(async () => {})
  const over = controlUntil(controller, stop.signal, log)
  await expect.poll(() => done).toEqual(['run', 'rolled back'])
  expect(timers()).toBeGreaterThan(before) // something that keeps the process alive
  stop.abort()
  await over
  expect(done).toEqual(['run', 'rolled back', 'close'])
})

it('stays up too where the mesh does not take the final weight, and says so', async () => {
  const stop = new AbortController()
  const { controller, done, log } = ending(async () => {
    throw new CanaryError('TARGET_FAILED', 'no answer')
  })
  const over = controlUntil(controller, stop.signal, log)
  await expect.poll(() => done).toEqual(['run', '[TARGET_FAILED] no answer', 'rolled back'])
  stop.abort()
  await over
})

it('ends at once where it is stopped during the rollout, and with any other failure', async () => {
  const stop = new AbortController()
  const stopped = ending(async () => stop.abort())
  await controlUntil(stopped.controller, stop.signal, stopped.log)
  expect(stopped.done).toEqual(['run', 'rolled back', 'close'])
  const broken = ending(async () => {
    throw new CanaryError('INVALID_STATE', 'x')
  })
  await expect(controlUntil(broken.controller, stop.signal, broken.log)).rejects.toThrow('INVALID_STATE')
})
