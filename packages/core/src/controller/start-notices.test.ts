import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createWorld, heard } from './controller.fixture.js'
import type { StartNoticesOptions } from './start-notices.js'

const printed = vi.spyOn(console, 'warn').mockImplementation(() => {})
beforeEach(() => void printed.mockClear())

/** The notices with a memory of their own of what this process has printed. */
async function fresh(options: Partial<StartNoticesOptions> = {}) {
  vi.resetModules()
  const module = await import('./start-notices.js')
  const alerts = { note: vi.fn() }
  const on: StartNoticesOptions['events']['on'] = () => () => {}
  const events = { on, alert: vi.fn() }
  const notices = module.createStartNotices({ name: 'sentiment', events, alerts, isLogged: false, ...options })
  return { notices, alerts, events }
}

describe('without a logger', () => {
  it('prints one line, once for all rollouts of the process', async () => {
    const { notices } = await fresh()
    notices.tell()
    notices.tell()
    expect(printed.mock.calls).toEqual([
      [
        "[canary sentiment] decisions are not logged: pass logger: console, or listen with .on('decision', …); logger: false hides this line",
      ],
    ])
    const world = createWorld()
    await world.make().start() // the module of this test was loaded before: its first line
    await world.make().start()
    expect(printed).toHaveBeenCalledTimes(2)
  })

  it.each(['decision', 'step', 'promoted', 'rolled-back'] as const)('prints nothing if %s is heard', async (name) => {
    const { notices } = await fresh()
    notices.on(name, () => {})
    notices.tell()
    expect(printed).not.toHaveBeenCalled()
  })

  it('prints the line if there are listeners for failures only', async () => {
    const { notices } = await fresh()
    notices.on('internal-error', () => {})
    notices.tell()
    expect(printed).toHaveBeenCalledOnce()
  })

  it.each([
    [['rolled-back'], 0],
    [['alert'], 1],
  ] as const)('counts a courier of %s as %i lines', async (types, lines) => {
    const { notices } = await fresh()
    const join = vi.fn(() => () => {})
    const courier = { key: 'hook', types, deliver: async () => true }
    notices.delivering(join)(courier)
    expect(join).toHaveBeenCalledWith(courier)
    notices.tell()
    expect(printed).toHaveBeenCalledTimes(lines)
  })

  it('starts with a console that throws', async () => {
    printed.mockImplementationOnce(() => {
      throw new Error('closed')
    })
    const { notices } = await fresh()
    notices.tell()
    expect(printed).toHaveBeenCalledOnce()
  })
})

it('prints nothing if a logger was passed or refused', async () => {
  const { notices } = await fresh({ isLogged: true })
  notices.tell()
  expect(printed).not.toHaveBeenCalled()
})

describe('in one of several processes', () => {
  const aloneBecause = 'it runs in Kubernetes'
  const message =
    '[PROCESS_ALONE] this process is probably one of several (it runs in Kubernetes) and keeps its rollout in its own memory: each of them counts, judges and rolls back by itself; pass a store that they share, or store: memoryStore() if that is intended'

  it('raises one alert about the store', async () => {
    const { notices, alerts } = await fresh({ aloneBecause, isLogged: true })
    notices.tell()
    notices.tell()
    expect(alerts.note.mock.calls).toEqual([['store', message, 'PROCESS_ALONE']])
    expect(printed).not.toHaveBeenCalled()
  })

  it('adds that to the line that is printed without listeners', async () => {
    const { notices } = await fresh({ aloneBecause })
    notices.tell()
    expect(printed).toHaveBeenCalledOnce()
    expect(printed.mock.calls[0]![0]).toContain(message)
  })
})

it('raises one alert about a slow plan, and adds it to the line', async () => {
  const { notices, events } = await fresh()
  const slow = {
    plan: { requestsPerSecond: 0.02, expectedMs: 3 * 86_400_000, shorter: [] },
    message: 'at 0.02 a second',
  }
  notices.tell(slow)
  notices.tell(slow)
  expect(events.alert.mock.calls).toEqual([['plan', slow.message, { plan: slow.plan }]])
  expect(printed.mock.calls[0]![0]).toMatch(/hides this line. at 0.02 a second/)
})

it('prints nothing before start(), and nothing for evaluate()', async () => {
  const world = createWorld()
  const controller = world.make()
  const alerts = heard(controller, 'alert')
  await controller.evaluate()
  expect([printed.mock.calls, alerts]).toEqual([[], []])
})

it('says what a rollout in memory loses with its process', async () => {
  const { notices, alerts } = await fresh({ isForgotten: true })
  notices.tell()
  notices.tell()
  const message =
    '[STORE_FORGETS] the rollout is only in the memory of this process: a restart forgets it, and begins again, also with a version that was rolled back; pass a store such as folderStore(path), or store: memoryStore() if that is intended'
  expect(alerts.note.mock.calls).toEqual([['store', message, 'STORE_FORGETS']])
  expect(printed.mock.calls).toEqual([[expect.stringContaining(message)]])
})
