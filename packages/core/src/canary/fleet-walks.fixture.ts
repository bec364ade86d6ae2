import { manualClock } from '@model-canary/testing'
import { expect } from 'vitest'
import { VARIANTS } from '../foundation/vocabulary.js'
import { errorRate } from '../guardrails/kinds/error-rate.js'
import { linearPlan } from '../rollout/plan.js'
import { isLive } from '../rollout/state.js'
import { type FleetWorld, fleetWorld, type Replica } from './fleet.fixture.js'
import { type LossyFleetStore, lossyFleetStore } from './lossy-fleet.fixture.js'

const WEIGHTS = [0, 10, 50, 100]

/** What the test knows of a process beyond what the process says. */
interface Known {
  readonly replica: Replica
  /** The epochs that this process has known to be rolled back, and its requests to the canary in each of them then. */
  readonly rolledBack: Map<number, number>
  /** Its requests to the canary when it was first seen disabled. */
  whenDisabled: number | undefined
  /** Set if the process was closed while it reached the store. */
  isClosed: boolean
}

interface Scene {
  readonly store: LossyFleetStore
  readonly world: FleetWorld
  readonly processes: Known[]
  /** Those that were closed, in any place. */
  readonly closed: Known[]
  hasEnabled: boolean
}

const ignored = () => {}

/** Returns how many requests a process has sent to the canary, in one epoch or in all of them. */
const sentToCanary = ({ sent }: Replica, epoch?: number): number =>
  [...sent]
    .filter(([stay]) => epoch === undefined || stay.startsWith(`${epoch}/`))
    .reduce((sum, [, { canary }]) => sum + canary, 0)

/** Records that a process knows an epoch to be rolled back. */
function learn({ replica, rolledBack }: Known, epoch: number): void {
  if (!rolledBack.has(epoch)) rolledBack.set(epoch, sentToCanary(replica, epoch))
}

/** Starts a process in the place of another one. */
function startAt(scene: Scene, place: number): Promise<unknown> {
  const replica = scene.world.add()
  const known: Known = { replica, rolledBack: new Map(), whenDisabled: undefined, isClosed: false }
  replica.canary.on('rolled-back', ({ epoch }) => learn(known, epoch))
  scene.processes[place] = known
  return replica.canary.start().catch(ignored)
}

async function begun(): Promise<Scene> {
  const clock = manualClock()
  const store = lossyFleetStore(clock)
  const options = {
    ...{ store, plan: linearPlan(WEIGHTS.slice(1), { minRequests: 10, minDurationMs: 15_000 }) },
    ...{ warmUp: { durationMs: 0 }, bake: { durationMs: 0 }, guardrails: [errorRate({ margin: 0.2 })] },
  }
  const world = fleetWorld(0, options, clock)
  const scene: Scene = { store, world, processes: [], closed: [], hasEnabled: false }
  await Promise.all([0, 1, 2].map((place) => startAt(scene, place)))
  await clock.advance(0)
  return scene
}

/** Checks what is always true, and records what each process knows. */
function checkEach({ store, processes, hasEnabled }: Scene): void {
  const wrong: string[] = []
  for (const [place, known] of processes.entries()) {
    const { replica, rolledBack } = known
    if (!replica.isAlive) continue
    const { epoch, weight, state, enabled } = replica.canary.status()
    if (state === 'rolled-back') learn(known, epoch)
    if (rolledBack.has(epoch) && weight > 0) wrong.push(`process ${place} has ${weight} % in a rollout it rolled back`)
    for (const [ended, sent] of rolledBack) {
      if (sentToCanary(replica, ended) > sent)
        wrong.push(`process ${place} serves epoch ${ended}, which is rolled back`)
    }
    if (!WEIGHTS.includes(weight)) wrong.push(`process ${place} has ${weight} %`)
    if (!enabled) known.whenDisabled ??= sentToCanary(replica)
    const isServing = known.whenDisabled !== undefined && sentToCanary(replica) > known.whenDisabled
    if (isServing && !hasEnabled) wrong.push(`process ${place} serves the canary although it was disabled`)
  }
  expect([...wrong, ...store.violations]).toEqual([])
}

function serve(scene: Scene, perSecond: number, seconds: number, until = () => false): Promise<void> {
  return scene.world.serve(perSecond, seconds, () => {
    scene.store.tick()
    checkEach(scene)
    return until()
  })
}

/** Returns a command that uses a verb on a process. */
const verb =
  (name: 'rollback' | 'promote' | 'pause' | 'resume' | 'retry' | 'disable' | 'enable') =>
  (scene: Scene, place: number): void => {
    const { replica } = scene.processes[place]!
    if (name === 'enable') scene.hasEnabled = true
    if (replica.isAlive) void replica.canary[name]().catch(ignored)
  }

export const COMMANDS = {
  serve: (scene: Scene, amount: number) => serve(scene, 6, [2, 6, 31][amount]!),
  idle: (scene: Scene, amount: number) => serve(scene, 0, [1, 5, 20][amount]!),
  async kill(scene: Scene, place: number) {
    scene.processes[place]!.replica.kill()
    void startAt(scene, place)
  },
  async close(scene: Scene, place: number) {
    const known = scene.processes[place]!
    scene.world.send(2)
    known.replica.isAlive = false
    scene.closed.push(known)
    known.isClosed = known.replica.line === 'up'
    void known.replica.canary.close()
    await scene.world.clock.advance(0)
    void startAt(scene, place)
  },
  down: (scene: Scene, place: number) => void (scene.processes[place]!.replica.line = 'down'),
  hang: (scene: Scene, place: number) => void (scene.processes[place]!.replica.line = 'hangs'),
  deafen: (scene: Scene, place: number) => void (scene.processes[place]!.replica.line = 'deaf'),
  mute: (scene: Scene, place: number) => void (scene.processes[place]!.replica.line = 'mute'),
  delay: (scene: Scene, place: number) => void (scene.processes[place]!.replica.line = 'late'),
  heal: (scene: Scene, place: number) => void (scene.processes[place]!.replica.line = 'up'),
  steal: ({ store }: Scene) => store.steal(),
  loseLease: ({ store }: Scene) => store.loseLease(),
  empty: ({ store }: Scene) => store.empty(),
  putBack: ({ store }: Scene, amount: number) => store.putBack(1 + 3 * amount),
  loseBody: ({ store }: Scene) => store.loseBody(),
  loseReports: ({ store }: Scene) => store.loseReports(),
  harm: ({ world }: Scene, amount: number) => void (world.fails.canary = [0, 0.5, 0.9][amount]!),
  rollback: verb('rollback'),
  promote: verb('promote'),
  pause: verb('pause'),
  resume: verb('resume'),
  retry: verb('retry'),
  disable: verb('disable'),
  enable: verb('enable'),
}

/** A step of a walk, and its amount, or the place of the process. */
export type Command = readonly [name: keyof typeof COMMANDS, index: number]

const isAgreed = ({ store, processes }: Scene): boolean =>
  processes.every(({ replica }) => {
    const { state, epoch, step, weight, enabled } = replica.canary.status()
    const { head } = store
    const isSame = head?.status === state && head.route.epoch === epoch && head.route.step === step
    const isServed = weight === head?.route.weight && enabled === head.switch.on
    return isSame && isServed && store.knownTags.get(replica.id ?? '') === head.tag
  })

async function checkInTheEnd(scene: Scene): Promise<void> {
  const { store, world, processes } = scene
  world.fails.canary = 0
  for (const { replica } of processes) replica.line = 'up'
  await serve(scene, 0, store.losses.rollout > 0 ? 120 : 35, () => isAgreed(scene))
  const seen = processes.map(({ replica }) => {
    const { state, epoch, step, weight, enabled } = replica.canary.status()
    return { state, epoch, step, weight, enabled, tag: store.knownTags.get(replica.id!) }
  })
  const { status, route, tag } = store.head!
  expect({ seen, store: { status, route, tag } }).toSatisfy(() => isAgreed(scene))
  for (const { rolledBack } of processes) {
    for (const epoch of rolledBack.keys()) expect(route.epoch > epoch || status === 'rolled-back').toBe(true)
  }
  if (!scene.hasEnabled && processes.some(({ whenDisabled }) => whenDisabled !== undefined))
    expect(store.head!.switch.on).toBe(false)
  await serve(scene, 0, 32) // two looks
  await checkCounts(scene)
}

/** Checks that each reported request is counted once, and each request of a living or closed process is reported. */
async function checkCounts({ store, world, processes, closed }: Scene): Promise<void> {
  const { state, cumulative, history } = await world.stored()
  const { losses, head } = store
  if (losses.rollout === 0) {
    expect(history.map(({ sequence }) => sequence)).toEqual(history.map((_, at) => history[0]!.sequence + at))
  }
  if (!isLive(state) || losses.rollout + losses.reports + losses.body > 0) return
  const { route } = head!
  if (state.state !== 'paused') expect(cumulative?.canary.begun ?? 0).toBe(store.published(route).canary)
  const stay = `${route.epoch}/${route.step}`
  if (store.visitsOf.get(stay)!.size > 1) return
  const whole = [...processes.filter(({ replica }) => replica.isAlive), ...closed.filter(({ isClosed }) => isClosed)]
  const published = store.published(
    route,
    whole.map(({ replica }) => replica.id),
  )
  for (const arm of VARIANTS) {
    const sent = whole.reduce((sum, { replica }) => sum + (replica.sent.get(stay)?.[arm] ?? 0), 0)
    expect(published[arm]).toBe(sent)
  }
}

/** Takes a walk through the commands, and checks each step and the end. Returns the number of writes. */
export async function walk(commands: readonly Command[]): Promise<number> {
  const scene = await begun()
  for (const [name, index] of commands) {
    await COMMANDS[name](scene, index)
    await scene.world.clock.advance(0)
    checkEach(scene)
  }
  await checkInTheEnd(scene)
  await scene.world.close()
  return scene.store.writes
}
