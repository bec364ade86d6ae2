import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { cacheFolder, downloadedServer } from './debian-packages.js'
import type { ServerName } from './server-names.js'

/** Where to look; the defaults are this process's own. */
export interface FindServerOptions {
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Where downloads are kept. @default a folder of this user's below the system's temporary one */
  readonly cache?: string
}

const found = new Map<ServerName, string | undefined>()

/**
 * The path of a server's program, or `undefined` where there is none and none can be had.
 *
 * The order: an environment variable such as `MODEL_CANARY_HAPROXY=/path`, the PATH, a copy downloaded
 * earlier, a download of the Debian packages into a private folder. Nothing is installed.
 * The first look may take as long as a download; the answer is kept for the life of the process.
 */
export function findServer(name: ServerName, options: FindServerOptions = {}): string | undefined {
  if (options.env !== undefined || options.cache !== undefined) return look(name, options)
  if (!found.has(name)) found.set(name, look(name, {}))
  return found.get(name)
}

function look(name: ServerName, { env = process.env, cache = cacheFolder() }: FindServerOptions): string | undefined {
  const named = env[`MODEL_CANARY_${name.toUpperCase().replaceAll('-', '_')}`]
  if (named !== undefined && named !== '') return isProgram(named) ? named : undefined // a wrong path is not to be made good silently
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
