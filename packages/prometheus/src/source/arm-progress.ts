import { copyOfFold, type Fold } from './fold.js'
import type { Scraped } from './scraping.js'
import { noTraffic, type Traffic } from './traffic.js'

/** What is known about a scraped process. */
export interface Target {
  readonly at: number
  /** The strands that its latest scrape showed. */
  readonly shown: ReadonlySet<string>
  readonly restartedAt: number
}

/** The counts of one arm as of the latest moment. */
export interface ArmProgress {
  /** By kind of query. */
  readonly folds: Map<string, Fold>
  /** The scraped processes, by target. */
  readonly targets: Map<string, Target>
  /** When the targets that show requests were scraped. */
  readonly scraped: Map<string, Scraped>
  traffic: Traffic
  /** The time of the newest sample of requests, also after the moment; `-Infinity` if there has been none. */
  newestAt: number
}

/** Returns the state of an arm before its first read. */
export function nothingRead(): ArmProgress {
  return {
    folds: new Map(),
    targets: new Map(),
    scraped: new Map(),
    traffic: noTraffic,
    newestAt: Number.NEGATIVE_INFINITY,
  }
}

/** Returns a copy, so that a read that fails half-way leaves the original unchanged. */
export function copyOfArm(arm: ArmProgress): ArmProgress {
  return {
    ...arm,
    folds: new Map([...arm.folds].map(([kind, fold]) => [kind, copyOfFold(fold)])),
    targets: new Map(arm.targets),
    scraped: new Map(arm.scraped),
  }
}
