import { Command } from 'commander'
import { EXIT_CODES_HELP, type ExitCode } from '../exit-codes.js'
import type { World } from '../world.js'

/** What a command is given besides its own options: where it runs, and where its exit code goes. */
export interface CommandContext {
  readonly world: World
  /** Sets what the program ends with. */
  readonly end: (code: ExitCode) => void
}

/** The options of every command. */
export interface CommonOptions {
  /** Writes the result as JSON. */
  readonly json?: boolean
}

/** Creates a command with the options of every command, examples and the exit codes. */
export function createCommand(name: string, description: string, examples: readonly string[]): Command {
  const shown = examples.map((example) => `  $ model-canary ${example}`).join('\n')
  return new Command(name)
    .description(description)
    .option('--json', 'write the result as JSON')
    .option('--no-color', 'no colours, as with NO_COLOR in the environment')
    .addHelpText('after', `\nexamples:\n${shown}\n${EXIT_CODES_HELP}`)
}
