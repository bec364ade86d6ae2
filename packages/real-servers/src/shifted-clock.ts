import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findServer } from './find-server.js'

/** Where the library is, seen from the folder above the program's: in a system, and in a download. */
const LIBRARY_FOLDERS = ['lib', join('usr', 'lib')]

/**
 * Returns the environment in which a program's wall clock is shifted. Its timers and its monotonic clock are as usual.
 *
 * @param shift such as `+1h` or `-30m`
 * @param command the program `faketime`, whose library does it
 */
export function shiftedClock(shift: string, command = findServer('faketime')): Readonly<Record<string, string>> {
  const library = command === undefined ? undefined : libraryOf(command)
  if (library === undefined) throw new Error('there is no libfaketime; describe the tests with realServer')
  return { LD_PRELOAD: library, FAKETIME: shift, FAKETIME_DONT_FAKE_MONOTONIC: '1' }
}

function libraryOf(command: string): string | undefined {
  const above = dirname(dirname(command))
  return LIBRARY_FOLDERS.map((folder) => join(above, folder))
    .filter(existsSync)
    .flatMap((folder) => readdirSync(folder).map((machine) => join(folder, machine, 'faketime', 'libfaketime.so.1')))
    .find(existsSync)
}
