import type { IncomingMessage, ServerResponse } from 'node:http'
import { CanaryError } from '@model-canary/core'
import { ignoreRejection, refuseUnknown } from '@model-canary/foundation'
import { resolveEdges } from './buckets.js'
import { durationFamilies } from './duration-families.js'
import { eventFamilies } from './event-families.js'
import { type ExportedCanary, type ExportedRollout, resolveRollout } from './exported-rollout.js'
import { collect, type Family } from './family.js'
import { guardrailFamilies } from './guardrail-families.js'
import { metricsHandler, type RenderedMetrics } from './handler.js'
import { formatFor } from './negotiate.js'
import { outputFamilies } from './output-families.js'
import { type ClientRegistry, registerFamilies } from './register.js'
import { requestFamilies } from './request-families.js'
import { rolloutFamilies } from './rollout-families.js'
import { failedScrapeOf, type Scrape, scrapeOf, type Watched, watchedOf } from './scrape.js'

/** The options of {@link prometheusExporter}. */
export interface PrometheusExporterOptions {
  /**
   * The upper edges of the duration buckets, in milliseconds, rising. Each moves up to the next edge of core's
   * histogram, by less than 1/64 or to the next whole microsecond, so that its count is exact.
   * @default four per octave, 1.024 ms to 67.1 s
   */
  readonly bucketsMs?: readonly number[]
}

/** Exports counts for Prometheus to scrape. Except for `register`, its members never throw. */
export interface PrometheusExporter {
  /** Returns the content type for an `Accept` header. */
  contentType(accept?: string): string
  /** Returns the metrics in the format that an `Accept` header asks for. */
  render(accept?: string): RenderedMetrics
  /** Answers `GET` and `HEAD` on any path, for `node:http` and all frameworks that expose its objects. */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void
  /**
   * Adds the same families to a registry of `prom-client` or `@prometheus-io/client`; the returned function removes
   * them. Throws `INVALID_NAME` if the registry already has a metric of one of these names.
   */
  register(registry: ClientRegistry): () => void
}

/**
 * Exports one or several rollouts in the Prometheus text format 0.0.4 and in OpenMetrics 1.0.
 *
 * Counters cover the rollout's present epoch. A new epoch starts them at 0, which Prometheus treats as a restart.
 * Durations are in seconds, shares from 0 to 1.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`, `INVALID_NAME`, `INVALID_VERSION`, `SAME_VERSION`
 * @example
 * const exporter = prometheusExporter(canary)
 * createServer(exporter.handler).listen(9464)
 */
export function prometheusExporter(
  source: ExportedRollout | ExportedCanary | readonly (ExportedRollout | ExportedCanary)[],
  options: PrometheusExporterOptions = {},
): PrometheusExporter {
  refuseUnknown('prometheusExporter', options, { bucketsMs: 1 })
  const families = familiesWith(options)
  const watched = watch(Array.isArray(source) ? source : [source as ExportedRollout | ExportedCanary])
  let failures = 0

  /** Reads all rollouts at one instant. Throws their errors. */
  const scrape = (): readonly Scrape[] => watched.map((one) => scrapeOf(one, failures))

  const failed = (cause: unknown): void => {
    failures += 1
    const error = new CanaryError('OBSERVER_FAILED', 'the metrics could not be rendered; see the cause', { cause })
    for (const { rollout } of watched) tell(rollout, error)
  }

  const render = (accept?: string): RenderedMetrics => {
    try {
      const { contentType, write } = formatFor(accept)
      return { status: 200, contentType, body: write(collect(families, scrape())) }
    } catch (cause) {
      failed(cause)
      return { status: 500, contentType: 'text/plain; charset=utf-8', body: 'The metrics could not be rendered.\n' }
    }
  }

  let taken: readonly Scrape[] | undefined

  /** Reads one family. A registry reads all of them in one turn, and they all use the same scrape. */
  const readForRegistry = (family: Family) => {
    try {
      taken ??= scrapeForRegistry()
      return taken.flatMap(family.read)
    } catch (cause) {
      failed(cause)
      return []
    }
  }

  const scrapeForRegistry = (): readonly Scrape[] => {
    queueMicrotask(() => {
      taken = undefined
    })
    try {
      return scrape()
    } catch (cause) {
      failed(cause)
      return watched.map((one) => failedScrapeOf(one, failures)) // the registry's other metrics must still be scraped
    }
  }

  return {
    contentType: (accept) => formatFor(accept).contentType,
    render,
    handler: metricsHandler(render),
    register: (registry) => registerFamilies(registry, families, readForRegistry),
  }
}

function familiesWith({ bucketsMs }: PrometheusExporterOptions): readonly Family[] {
  return [
    ...rolloutFamilies,
    ...requestFamilies,
    ...durationFamilies(resolveEdges(bucketsMs)),
    ...outputFamilies,
    ...guardrailFamilies,
    ...eventFamilies,
  ]
}

function watch(sources: readonly (ExportedRollout | ExportedCanary)[]): readonly Watched[] {
  const rollouts = sources.map(resolveRollout)
  const repeated = rollouts.find(({ name }, at) => rollouts.findIndex((other) => other.name === name) !== at)
  if (repeated !== undefined) {
    throw new CanaryError('INVALID_NAME', `two rollouts are called "${repeated.name}"; give each its own name`)
  }
  return rollouts.map(watchedOf)
}

function tell({ report }: ExportedRollout, error: CanaryError): void {
  try {
    ignoreRejection(report?.(error))
  } catch {
    // the failure has been counted already
  }
}
