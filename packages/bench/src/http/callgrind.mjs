import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findProgram } from './find-program.mjs'

/**
 * The programs of valgrind that are needed.
 *
 * @typedef {{ readonly valgrind: string, readonly vgdb: string }} Valgrind
 */

/** How long valgrind may take to answer, in milliseconds. */
const LONGEST_ANSWER_MS = 120_000

/**
 * What makes the instructions of a request repeatable: the compiler and the collector work in the thread of the
 * program, and not by chance; the compiler starts early; and the young generation has its full size from the start.
 * What is compiled is optimised as usual.
 */
const ENGINE = [
  '--single-threaded',
  '--hash-seed=1',
  '--random-seed=1',
  '--interrupt-budget=20000',
  '--min-semi-space-size=16',
]

/** The tool without the lines of sources. Node changes its own code, which has to be noticed. */
const TOOL = ['-q', '--tool=callgrind', '--instr-atstart=no', '--smc-check=all-non-file', '--dump-line=no']

/**
 * Returns the programs of valgrind; `undefined` if one of the two is missing.
 *
 * @param {Readonly<Record<string, string | undefined>>} [env]
 * @returns {Valgrind | undefined}
 */
export function findValgrind(env = process.env) {
  const valgrind = findProgram('valgrind', env)
  const vgdb = findProgram('vgdb', env)
  return valgrind === undefined || vgdb === undefined ? undefined : { valgrind, vgdb }
}

/**
 * Prepares to count the instructions of a program of Node. Returns how to start it, and how to read the count.
 *
 * @param {Valgrind} programs
 */
export function createCounter({ valgrind, vgdb }) {
  const folder = mkdtempSync(join(tmpdir(), 'model-canary-instructions-'))
  const file = join(folder, 'counts')
  const tell = (pid, ...words) =>
    promisify(execFile)(vgdb, [`--pid=${pid}`, ...words], { timeout: LONGEST_ANSWER_MS, killSignal: 'SIGKILL' })
  let dumps = 0

  return {
    command: [valgrind, ...TOOL, `--callgrind-out-file=${file}`, process.execPath, ...ENGINE],
    /** Begins to count. Before, the program runs several times faster. */
    begin: (pid) => tell(pid, 'instrumentation', 'on'),
    /** Returns the instructions of all threads since the last call. The kernel's are not among them. */
    async take(pid) {
      await tell(pid, 'dump')
      dumps += 1
      const dump = `${file}.${dumps}`
      if (!existsSync(dump)) throw new Error(`callgrind wrote no counts for process ${pid}`)
      const count = totalIn(readFileSync(dump, 'utf8'))
      rmSync(dump)
      return count
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/**
 * Returns the total of a file of callgrind.
 *
 * @param {string} dump
 */
export function totalIn(dump) {
  const total = /^totals: (\d+)$/m.exec(dump)?.[1]
  if (total === undefined) throw new Error('callgrind wrote counts without a total')
  return Number(total)
}
