import { quoted, type ShellCommand } from './shell-words.js'

/** Returns the completion for bash, which shows words only. */
export function bashCompletion(commands: readonly ShellCommand[]): string {
  const words = commands.map(({ path, commands, options }) => {
    const all = [...commands, ...options].map(({ word }) => word).join(' ')
    return `    ${quoted(path.join(' '))}) found=${quoted(all)} ;;`
  })
  return `# bash completion of model-canary: source <(model-canary completion bash)
_model_canary() {
  local place='' word found=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
${stepsOf(commands)}
  done
  case "$place" in
${words.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$found" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _model_canary model-canary
`
}

/** Returns the lines that follow the words of a command line from command to command. */
export function stepsOf(commands: readonly ShellCommand[]): string {
  const paths = commands.filter(({ path }) => path.length > 0).map(({ path }) => quoted(path.join(' ')))
  return `    case "\${place:+$place }$word" in
      ${paths.join(' | ')}) place="\${place:+$place }$word" ;;
    esac`
}
