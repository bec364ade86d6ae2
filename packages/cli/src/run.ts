import { isCanaryError } from '@model-canary/core'
import { CommanderError } from 'commander'
import { EXIT, type ExitCode } from './exit-codes.js'
import { type Failure, failure, isFailure } from './failure.js'
import { createProgram } from './program.js'
import { safeJson, safeLines } from './safe-text.js'
import type { World } from './world.js'

/** Runs one command line, and returns what the program ends with. Does not reject. */
export async function run(world: World): Promise<ExitCode> {
  let code: ExitCode = EXIT.done
  const end = (given: ExitCode): void => {
    code = given
  }
  try {
    await createProgram({ world, end }).parseAsync([...world.args], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return endOfCommander(error, world)
    return told(failureOf(error, world), world)
  }
}

/** Returns what a thrown value stands for. An error that nobody expects is a mistake of ours. */
function failureOf(error: unknown, { interrupted }: World): Failure {
  if (interrupted.aborted && !(isFailure(error) && error.exit === EXIT.interrupted))
    return failure(EXIT.interrupted, 'INTERRUPTED', 'interrupted')
  if (isFailure(error)) return error
  if (isCanaryError(error)) return failure(EXIT.usage, error.code, error.message)
  return failure(EXIT.internal, 'INTERNAL', error instanceof Error ? (error.stack ?? error.message) : String(error))
}

/** Says to programs what is wrong with the command line. Commander has told people already, or has written a help. */
function endOfCommander({ exitCode, message }: CommanderError, world: World): ExitCode {
  if (exitCode === 0) return EXIT.done
  tellPrograms(failure(EXIT.usage, 'USAGE', message.replace(/^error: /, '')), world)
  return EXIT.usage
}

/** Says what went wrong: to people on standard error, and with `--json` to programs on standard output. */
function told(failed: Failure, world: World): ExitCode {
  world.stderr.write(`${safeLines(failed.message)}\n`)
  tellPrograms(failed, world)
  return failed.exit
}

function tellPrograms({ exit, code, message, body }: Failure, { args, stdout }: World): void {
  if (args.includes('--json')) stdout.write(`${safeJson({ error: { code, message }, exit, answer: body })}\n`)
}
