import { describe, expect, it } from 'vitest'
import { createWorld, heard, type World } from './controller.fixture.js'

/** Starts a release, and ends it. Returns what its alerts about the options said. */
async function released(
  world: World,
  [baseline, canary]: readonly [baseline: string, canary: string],
  end: 'promote' | 'rollback',
): Promise<readonly string[]> {
  const controller = world.make({ versions: { baseline, canary } })
  const alerts = heard(controller, 'alert')
  await controller.start()
  await (end === 'promote' ? controller.promote({ full: true }) : controller.rollback())
  await controller.close()
  return alerts.flatMap(({ about, message }) => (about === 'config' ? [message] : []))
}

describe('a release whose baseline was replaced by a promotion', () => {
  it('raises an alert as it begins, because most requests go back to that baseline', async () => {
    const world = createWorld()
    await released(world, ['v1', 'v2'], 'promote')
    expect(await released(world, ['v1', 'v3'], 'rollback')).toEqual([
      'v2 was promoted over v1, and v1 is the baseline of v1 → v3: most requests go back to v1; if that is not meant, roll this release back and begin one with the baseline v2',
    ])
  })

  it('raises it also after another release was rolled back', async () => {
    const world = createWorld()
    await released(world, ['v1', 'v2'], 'promote')
    expect(await released(world, ['v2', 'v3'], 'rollback')).toEqual([])
    expect(await released(world, ['v1', 'v4'], 'rollback')).toHaveLength(1)
  })

  it.each([
    ['another pair was rolled back', ['v1', 'v3'], 'rollback', ['v1', 'v4']],
    ['the promoted version is the baseline', ['v1', 'v2'], 'promote', ['v2', 'v3']],
    ['the baseline is neither of them', ['v1', 'v2'], 'promote', ['v2.1', 'v3']],
  ] as const)('raises none if %s', async (_, before, end, next) => {
    const world = createWorld()
    await released(world, before, end)
    expect(await released(world, next, 'rollback')).toEqual([])
  })

  it('raises none if the baseline was promoted again since', async () => {
    const world = createWorld()
    await released(world, ['v1', 'v2'], 'promote')
    await released(world, ['v2', 'v1'], 'promote')
    expect(await released(world, ['v1', 'v3'], 'rollback')).toEqual([])
  })
})
