import { Argument, type Command } from 'commander'
import { bashCompletion } from '../completion/bash.js'
import { fishCompletion } from '../completion/fish.js'
import { type ShellCommand, shellCommandsOf } from '../completion/shell-words.js'
import { zshCompletion } from '../completion/zsh.js'
import { EXIT } from '../exit-codes.js'
import { type CommandContext, createCommand } from './command.js'

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } satisfies Readonly<
  Record<string, (commands: readonly ShellCommand[]) => string>
>

/** The command `completion`: what a shell needs to complete the commands and options of the program. */
export function completionCommand({ world, end }: CommandContext, program: () => Command): Command {
  const command = createCommand('completion', 'writes what a shell needs to complete a command line', [
    'completion bash > /etc/bash_completion.d/model-canary',
    'completion fish | source',
  ])
  return command
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(SHELLS)))
    .action((shell: keyof typeof SHELLS) => {
      world.stdout.write(SHELLS[shell](shellCommandsOf(program())))
      end(EXIT.done)
    })
}
