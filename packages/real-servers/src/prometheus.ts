import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findServer } from './find-server.js'
import { freePorts } from './free-ports.js'
import { type RunningServer, startServer } from './running-server.js'

/** A scrape job. */
export interface ScrapeJob {
  readonly job: string
  /** Addresses such as `127.0.0.1:9100`. */
  readonly targets: readonly string[]
  /** @default '/metrics' */
  readonly path?: string
  readonly labels?: Readonly<Record<string, string>>
}

/** Options of a Prometheus. */
export interface PrometheusOptions {
  readonly scrape?: readonly ScrapeJob[]
  /** The interval of scrapes and rules, in milliseconds. @default 250 */
  readonly intervalMs?: number
  /** Further members of the configuration file, such as `rule_files`. They replace the generated ones. */
  readonly config?: Readonly<Record<string, unknown>>
  /** Further arguments, such as `--web.route-prefix=/prometheus`. */
  readonly flags?: readonly string[]
  /** The path below which it serves, as in `--web.route-prefix`. @default '' */
  readonly prefix?: string
  /** The path of the program. @default the one that `findServer` finds */
  readonly command?: string
}

/** A running Prometheus, with an empty store. */
export interface RunningPrometheus extends RunningServer {
  /** The address with the prefix, such as `http://127.0.0.1:41234`. */
  readonly url: string
  readonly port: number
}

/** Starts a Prometheus on a free port, and waits until it is ready. */
export async function startPrometheus(options: PrometheusOptions = {}): Promise<RunningPrometheus> {
  const { prefix = '', flags = [], command = findServer('prometheus') } = options
  if (command === undefined) throw new Error('there is no prometheus; describe the tests with realServer')
  const [port] = await freePorts(1)
  const url = `http://127.0.0.1:${port}${prefix}`
  const server = await startServer({
    command,
    args(folder) {
      const file = join(folder, 'prometheus.yml')
      writeFileSync(file, JSON.stringify(configOf(options))) // JSON is YAML
      return [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        ...(prefix === '' ? [] : [`--web.route-prefix=${prefix}`]),
        ...flags,
      ]
    },
    isReady: async () => (await fetch(`${url}/-/ready`)).ok,
  })
  return { ...server, url, port: port! }
}

function configOf({ scrape = [], intervalMs = 250, config = {} }: PrometheusOptions): object {
  const interval = `${intervalMs}ms`
  return {
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    scrape_configs: scrape.map(({ job, targets, path = '/metrics', labels = {} }) => ({
      job_name: job,
      metrics_path: path,
      static_configs: [{ targets, labels }],
    })),
    ...config,
  }
}
