import { Command, type OutputConfiguration } from 'commander'
import manifest from '../package.json' with { type: 'json' }
import type { CommandContext } from './commands/command.js'
import { manifestsCommand } from './commands/manifests-command.js'
import { replayCommand } from './commands/replay-command.js'
import { simulateCommand } from './commands/simulate-command.js'
import { statusCommand } from './commands/status-command.js'
import { validateCommand } from './commands/validate-command.js'
import { verbCommands } from './commands/verb-commands.js'
import { waitCommand } from './commands/wait-command.js'
import { watchCommand } from './commands/watch-command.js'
import { EXIT_CODES_HELP } from './exit-codes.js'
import { safeLines } from './safe-text.js'

/** Returns the whole command line, of which every command writes to the same world. */
export function createProgram(context: CommandContext): Command {
  const { stdout, stderr } = context.world
  const program = new Command('model-canary')
    .description('The command line of model-canary.')
    .version(manifest.version)
    .addHelpText('after', EXIT_CODES_HELP)
  const commands = [
    statusCommand(context),
    watchCommand(context),
    waitCommand(context),
    ...verbCommands(context),
    validateCommand(context),
    simulateCommand(context),
    replayCommand(context),
    manifestsCommand(context),
  ]
  for (const command of commands) program.addCommand(command)
  withOutput(program, {
    writeOut: (text) => stdout.write(text),
    writeErr: (text) => stderr.write(text),
    outputError: (text, write) => write(safeLines(text)),
    getOutHelpWidth: () => stdout.columns,
    getErrHelpWidth: () => stderr.columns,
  })
  return program
}

/** Makes a command and all below it write here, and throw where they would end the process. */
function withOutput(command: Command, output: OutputConfiguration): void {
  command.exitOverride().configureOutput(output)
  for (const each of command.commands) withOutput(each, output)
}
