import type { Command } from 'commander'

/** What can come after a command, with what it means. */
export interface ShellWord {
  readonly word: string
  readonly description: string
}

/** A command with everything that can come after it. */
export interface ShellCommand {
  /** The names that lead to it, such as `['manifests', 'istio']`; empty for the program. */
  readonly path: readonly string[]
  readonly commands: readonly ShellWord[]
  readonly options: readonly ShellWord[]
}

/** Returns a command and all below it, from the outside in. */
export function shellCommandsOf(command: Command, path: readonly string[] = []): readonly ShellCommand[] {
  const { commands, options } = command
  const help = { word: '--help', description: 'display help for command' }
  const own: ShellCommand = {
    path,
    commands: commands.map((each) => ({ word: each.name(), description: each.description() })),
    options: [...options.map(({ long, description }) => ({ word: long ?? '', description })), help],
  }
  return [own, ...commands.flatMap((each) => shellCommandsOf(each, [...path, each.name()]))]
}

/** Returns a text as a shell takes it literally. All three shells know this form but for the quote itself. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
