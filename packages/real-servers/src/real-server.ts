import { findServer } from './find-server.js'
import type { ServerName } from './server-names.js'

/** What is needed of a test runner: vitest and jest both have it. */
export interface ServerRunner {
  readonly describe: (title: string, body: () => void) => void
  readonly it: { readonly skip: (title: string, body: () => void) => void }
}

/**
 * Describes tests that need real servers, whose paths `body` is given in the order of `names`.
 * Where one cannot be had there is one skipped test that says so; with `CI` set that is an error.
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
