import type { ShellCommand } from './shell-words.js'

/** Returns the completion for fish, which shows descriptions as well. */
export function fishCompletion(commands: readonly ShellCommand[]): string {
  const lines = commands.flatMap(({ path, commands, options }) => {
    const inner = commands.map(({ word }) => word).join(' ')
    const here = [...path.map(seen), ...(inner === '' ? [] : [`not ${seen(inner)}`])].join('; and ')
    const when = here === '' ? '' : ` -n ${quoted(here)}`
    return [
      ...commands.map((each) => `complete -c model-canary${when} -f -a ${each.word} -d ${quoted(each.description)}`),
      ...options.map(
        (each) => `complete -c model-canary${when} -l ${each.word.slice(2)} -d ${quoted(each.description)}`,
      ),
    ]
  })
  return `# fish completion of model-canary: model-canary completion fish | source\n${lines.join('\n')}\n`
}

const seen = (words: string): string => `__fish_seen_subcommand_from ${words}`

/** Fish has an escape inside of quotes, which the other shells have not. */
const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
