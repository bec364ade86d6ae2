import { copyOfFold, type Fold } from './fold.js'
import type { Scraped } from './scraping.js'
import { noTraffic, type Traffic } from './traffic.js'

/** What is known of the process behind a scrape. */
export interface Target {
  readonly at: number
  /** The strands that its latest scrape showed. */
  readonly shown: ReadonlySet<string>
  readonly restartedAt: number
}

/** How far one arm has been counted: as it stood at the latest moment. */
export interface ArmProgress {
  /** By kind of query. */
  readonly folds: Map<string, Fold>
  /** By what was scraped. */
  readonly targets: Map<string, Target>
  /** When what shows requests was scraped. */
  readonly scraped: Map<string, Scraped>
  traffic: Traffic
  /** The newest sample of requests, also beyond the moment; `-Infinity` where there has been none. */
  newestAt: number
}

/** An arm of which nothing has been read. */
export function nothingRead(): ArmProgress {
  return {
    folds: new Map(),
    targets: new Map(),
    scraped: new Map(),
    traffic: noTraffic,
    newestAt: Number.NEGATIVE_INFINITY,
  }
}

/** The same once more, to be counted on without touching the first: a read may fail half-way. */
export function copyOfArm(arm: ArmProgress): ArmProgress {
  return {
    ...arm,
    folds: new Map([...arm.folds].map(([kind, fold]) => [kind, copyOfFold(fold)])),
    targets: new Map(arm.targets),
    scraped: new Map(arm.scraped),
  }
}
