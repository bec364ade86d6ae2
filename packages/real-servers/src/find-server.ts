import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { cacheFolder, downloadedServer } from './debian-packages.js'
import type { ServerName } from './server-names.js'

/** Where to search. @default the environment of this process */
export interface FindServerOptions {
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Where downloads are kept. @default a folder of this user in the system's temporary folder */
  readonly cache?: string
}

const found = new Map<ServerName, string | undefined>()

/**
 * Returns the path of a server's program; `undefined` if it is not found and cannot be downloaded.
 *
 * Tries, in this order: an environment variable such as `MODEL_CANARY_HAPROXY=/path`, the PATH, an earlier download, and
 * a download of the Debian packages into a private folder. Nothing is installed. The first call may take as long as a
 * download; the result is kept until the process ends.
 */
export function findServer(name: ServerName, options: FindServerOptions = {}): string | undefined {
  if (options.env !== undefined || options.cache !== undefined) return look(name, options)
  if (!found.has(name)) found.set(name, look(name, {}))
  return found.get(name)
}

function look(name: ServerName, { env = process.env, cache = cacheFolder() }: FindServerOptions): string | undefined {
  const named = env[`MODEL_CANARY_${name.toUpperCase().replaceAll('-', '_')}`]
  if (named !== undefined && named !== '') return isProgram(named) ? named : undefined // a wrong path must be noticed
  const onPath = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  return onPath.map((folder) => join(folder, name)).find(isProgram) ?? downloadedServer(name, cache)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
