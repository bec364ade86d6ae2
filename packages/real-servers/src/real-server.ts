import { findServer } from './find-server.js'
import type { ServerName } from './server-names.js'

/** The functions of a test runner, such as vitest or jest. */
export interface ServerRunner {
  readonly describe: (title: string, body: () => void) => void
  readonly it: { readonly skip: (title: string, body: () => void) => void }
}

/**
 * Describes tests that need real servers. `body` gets their paths in the order of `names`.
 * If a server cannot be found, there is one skipped test that names it; if `CI` is set, this throws instead.
 *
 * @example
 * realServer({ describe, it }, ['haproxy'], 'the weight of a real HAProxy', (haproxy) => {
 *   it('follows the target', async () => {})
 * })
 */
export function realServer(
  { describe, it }: ServerRunner,
  names: readonly ServerName[],
  title: string,
  body: (...paths: readonly string[]) => void,
): void {
  const paths = names.map((name) => findServer(name))
  const missing = names.filter((_, at) => paths[at] === undefined)
  if (missing.length === 0) {
    describe(title, () => body(...(paths as readonly string[])))
    return
  }
  const reason = `NOT RUN, there is no ${missing.join(', no ')}: ${title}`
  if (process.env.CI) throw new Error(`${reason}. Put it on the PATH, or set MODEL_CANARY_<NAME> to its path`)
  console.warn(`\n!!! ${reason}\n`)
  it.skip(reason, () => {})
}
