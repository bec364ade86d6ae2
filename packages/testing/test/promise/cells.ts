import { seededRandom } from '@model-canary/testing'
import { BEHAVIOURS, type BehaviourName, behaviourOf } from './behaviours.js'
import type { Form, Limit } from './service.js'

/** How traffic is split, and by which keys. */
export const SPLITS = [
  'random',
  'random, with keys',
  'sticky, 3000 keys',
  'sticky, 8 keys',
  'a strategy of its own',
] as const

export type Split = (typeof SPLITS)[number]

/** How a canary is asked. Those over HTTP are real servers with real connections. */
export const SURFACES = {
  'express run': ['race', 'framework', 'server'],
  'express handler': ['framework', 'server'],
  koa: ['race', 'framework', 'server'],
  fastify: ['race', 'framework', 'server'],
  'fastify http2': ['race', 'framework', 'server'],
  'node:http': ['race', 'server'],
  'node:http2': ['race', 'server'],
  'canary.run': ['race'],
  'canary.wrap': ['race'],
} as const satisfies Readonly<Record<string, readonly Limit[]>>

export type SurfaceName = keyof typeof SURFACES

/** One rollout: all that differs between two of them. */
export interface Cell {
  readonly surface: SurfaceName
  readonly split: Split
  readonly behaviour: BehaviourName
  readonly share: number
  readonly form: Form
}

/** The name of a cell as a test. */
export const nameOf = ({ surface, split, behaviour, share, form }: Cell): string =>
  `${surface}, ${form}, ${split}: ${behaviour}${share === 0 ? '' : ` in ${100 * share} % of its calls`}`

const isOverHttp = (surface: SurfaceName): boolean => !surface.startsWith('canary')

/** A client that leaves cannot be seen in a function call that returns a promise. */
function isPossible({ surface, behaviour, form }: Cell): boolean {
  const { limit, leavesAfterMs } = behaviourOf(behaviour)
  const limits: readonly Limit[] = SURFACES[surface]
  if (limit !== undefined && !limits.includes(limit)) return false
  return leavesAfterMs === undefined || isOverHttp(surface) || form === 'stream'
}

const namesOf = <Name extends string>(record: Readonly<Record<Name, unknown>>): readonly Name[] =>
  Object.keys(record) as Name[]

/** Every cell that is possible, shuffled, so that a choice among equal ones takes all kinds. */
export const ALL_CELLS: readonly Cell[] = shuffled(
  namesOf(BEHAVIOURS)
    .flatMap((behaviour) =>
      namesOf(SURFACES).flatMap((surface) =>
        SPLITS.flatMap((split) =>
          behaviourOf(behaviour).shares.flatMap((share) =>
            behaviourOf(behaviour).forms.map((form): Cell => ({ surface, split, behaviour, share, form })),
          ),
        ),
      ),
    )
    .filter(isPossible),
)

/** Fisher and Yates, with a fixed seed. */
function shuffled<Item>(items: readonly Item[]): readonly Item[] {
  const random = seededRandom(1)
  const mixed = [...items]
  for (let last = mixed.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1))
    ;[mixed[last], mixed[other]] = [mixed[other]!, mixed[last]!]
  }
  return mixed
}

/** The pairs of values of a cell: a behaviour together with its share is one value. */
export function pairsOf({ surface, split, behaviour, share, form }: Cell): readonly string[] {
  const values = [surface, split, `${behaviour} ${share}`, form]
  return values.flatMap((one, index) => values.slice(index + 1).map((other) => `${one} × ${other}`))
}

/** A small part of the cells in which each pair occurs that occurs in any: the next is the one with most new pairs. */
export function pairwise(cells: readonly Cell[]): readonly Cell[] {
  const chosen: Cell[] = []
  const missing = new Set(cells.flatMap(pairsOf))
  let left = cells.map((cell) => ({ cell, pairs: pairsOf(cell) }))
  while (missing.size > 0) {
    const newIn = (pairs: readonly string[]): number => pairs.filter((pair) => missing.has(pair)).length
    let best = left[0]!
    let most = 0
    for (const each of left) {
      const news = newIn(each.pairs)
      if (news > most) [best, most] = [each, news]
    }
    chosen.push(best.cell)
    for (const pair of best.pairs) missing.delete(pair)
    left = left.filter((each) => each !== best && newIn(each.pairs) > 0)
  }
  return chosen
}

/** The cells that are run. `PROMISE_CELLS=all` runs every one. */
export const CELLS: readonly Cell[] = process.env.PROMISE_CELLS === 'all' ? ALL_CELLS : pairwise(ALL_CELLS)
