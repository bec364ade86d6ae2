import { CanaryError } from '@model-canary/core'
import type { ByVariant } from '@model-canary/core/controller'
import { shown } from './answer.js'
import type { ArmProgress } from './arm-progress.js'

/** The kinds of queries for outcomes. A request has at most one of them. */
const EXCLUSIVE = ['errors', 'unreached', 'timeouts', 'aborted'] as const

/** The kinds of queries that count requests. */
const COUNTED = ['requests', 'unreached'] as const

/**
 * Throws if a series is counted twice: in both arms, or as two outcomes of one arm.
 *
 * A canary would be compared with itself, or its errors would count twice. Expressions cannot be checked.
 *
 * @throws `QUERY_AMBIGUOUS`
 */
export function refuseOverlap(arms: ByVariant<ArmProgress>): void {
  const countedBy = (arm: 'baseline' | 'canary') => new Set(COUNTED.flatMap((kind) => [...seriesOf(arms[arm], kind)]))
  const shared = sharedBy(countedBy('baseline'), countedBy('canary'))
  if (shared !== undefined) {
    throw ambiguous(`requests of both arms match ${shared}; select each version by its complete name`)
  }
  for (const arm of ['baseline', 'canary'] as const) {
    const twice = sharedBy(seriesOf(arms[arm], 'requests'), seriesOf(arms[arm], 'unreached'))
    if (twice !== undefined)
      throw ambiguous(`requests and unreached of ${arm} both match ${twice}; select it in only one of them`)
    EXCLUSIVE.forEach((one, at) => {
      for (const other of EXCLUSIVE.slice(at + 1)) {
        const twice = sharedBy(seriesOf(arms[arm], one), seriesOf(arms[arm], other))
        if (twice === undefined) continue
        throw ambiguous(`${one} and ${other} of ${arm} both match ${twice}; each request has one outcome`)
      }
    })
  }
}

function seriesOf({ folds }: ArmProgress, kind: string): ReadonlySet<string> {
  return new Set([...(folds.get(kind)?.keys() ?? [])].filter((key) => key !== '')) // the key of an expression
}

function sharedBy(a: ReadonlySet<string>, b: ReadonlySet<string>): string | undefined {
  for (const key of a) if (b.has(key)) return textOf(key)
  return undefined
}

/** Writes a series as PromQL. */
function textOf(key: string): string {
  const labels = JSON.parse(key) as readonly (readonly [name: string, value: string])[]
  const name = labels.find(([label]) => label === '__name__')?.[1] ?? ''
  const others = labels.filter(([label]) => label !== '__name__').map(([label, value]) => `${label}="${value}"`)
  return shown(`${name}{${others.join(',')}}`)
}

const ambiguous = (detail: string): CanaryError => new CanaryError('QUERY_AMBIGUOUS', detail)
