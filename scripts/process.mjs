import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/** How long a child may take to end by itself on a signal that the whole process group may have got. */
const GRACE_MS = 300

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']

const PARENT = process.ppid

const ORPHAN_CHECK_MS = 500

/** What npm hands to scripts would change the settings of every npm or pnpm they start. */
const NPM_LEAVINGS = /^npm_(config|package|lifecycle)_/

/** Runs a program on this terminal and resolves to its exit code. Signals reach it, and it is always waited for. */
export async function run(command, args = [], { cwd, env } = {}) {
  const { code, error } = await ended(start(command, args, { cwd, env, stdio: 'inherit' }))
  if (error !== undefined) console.error(`cannot run ${command}: ${error.message}`)
  return code
}

/** Runs a program without input and resolves to its exit code and all that it wrote. */
export async function capture(command, args = [], { cwd, env, timeoutMs } = {}) {
  const child = start(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs })
  let output = ''
  const read = (text) => {
    output += text
  }
  child.stdout.setEncoding('utf8').on('data', read)
  child.stderr.setEncoding('utf8').on('data', read)
  const { code, error } = await ended(child)
  return { code, output: error === undefined ? output : `${output}cannot run ${command}: ${error.message}` }
}

function start(command, args, { env, ...options }) {
  const inherited = Object.entries(process.env).filter(([name]) => !NPM_LEAVINGS.test(name))
  return spawn(command, args, { ...options, env: { ...Object.fromEntries(inherited), ...env } })
}

function ended(child) {
  const stop = forwardSignals(child)
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: 127, error }))
    child.once('close', (code, signal) => resolve({ code: code ?? 128 + constants.signals[signal] }))
  }).finally(stop)
}

/** Passes signals on, and keeps this process alive until the child has ended. */
function forwardSignals(child) {
  const passOn = (signal) => {
    // Ctrl-C reaches every process of a terminal; only what was sent to this process alone has to be passed on.
    if (signal === 'SIGINT' && process.stdin.isTTY) return
    setTimeout(() => child.kill(signal), GRACE_MS).unref()
  }
  for (const signal of SIGNALS) process.on(signal, passOn)
  const orphaned = setInterval(() => isOrphan() && passOn('SIGTERM'), ORPHAN_CHECK_MS)
  return () => {
    clearInterval(orphaned)
    for (const signal of SIGNALS) process.off(signal, passOn)
  }
}

/** npm runs scripts in a shell, and a shell that is ended by npm does not tell its own child. */
function isOrphan() {
  return process.env.npm_lifecycle_event !== undefined && process.ppid !== PARENT
}
