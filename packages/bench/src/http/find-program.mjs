import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * Returns the path of a program: that of an environment variable such as `MODEL_CANARY_VALGRIND`, else that on the PATH.
 *
 * @param {string} name
 * @param {Readonly<Record<string, string | undefined>>} [env]
 * @returns {string | undefined}
 */
export function findProgram(name, env = process.env) {
  const named = env[`MODEL_CANARY_${name.toUpperCase()}`]
  if (named) return isProgram(named) ? named : undefined // a wrong path must be noticed
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  return folders.map((folder) => join(folder, name)).find(isProgram)
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
