import type { PointsRecord } from '@model-canary/core/controller'
import type { Faults } from './fault.fixture.js'
import { memoryPlace, type Whole } from './memory-place.fixture.js'

/** A place whose stores have a fault of their points. */
const pointsPlace = (broken: (points: PointsRecord, whole: Whole) => Partial<PointsRecord>) =>
  memoryPlace((whole) => ({ points: { ...whole.store.points!, ...broken(whole.store.points!, whole) } }))

/** A store for each rule about points. */
export const BROKEN_POINTS = {
  'has points, unless the contract is told otherwise': [
    'keeps none',
    () => memoryPlace(() => ({ points: undefined as never })),
    [
      'keeps the points of one process for another one, and has none at first',
      'replaces points of 16 KiB, beside the records',
      'refuses points without the lease in force, and changes nothing',
    ],
  ],
  'keeps the points of one process for another one, and has none at first': [
    'keeps the points of each process apart',
    () =>
      pointsPlace((points) => {
        let own: string | null = null
        return {
          load: async () => own,
          async keep(text, ...rest) {
            const kind = await points.keep(text, ...rest)
            if (kind === 'kept') own = text
            return kind
          },
        }
      }),
  ],
  'replaces points of 16 KiB, beside the records': [
    'cuts long points',
    () => pointsPlace((points) => ({ keep: (text, ...rest) => points.keep(text.slice(0, 16_383), ...rest) })),
  ],
  'refuses points without the lease in force, and changes nothing': [
    'takes the points of every process',
    () => pointsPlace((points) => ({ keep: (text, _, signal) => points.keep(text, undefined, signal) })),
  ],
} as const satisfies Faults
