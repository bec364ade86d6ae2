import { stepsOf } from './bash.js'
import { quoted, type ShellCommand, type ShellWord } from './shell-words.js'

/** Returns the completion for zsh, which shows descriptions as well. */
export function zshCompletion(commands: readonly ShellCommand[]): string {
  const places = commands.map(({ path, commands, options }) => {
    const found = `commands=(${commands.map(described).join(' ')}) options=(${options.map(described).join(' ')})`
    return `    ${quoted(path.join(' '))}) ${found} ;;`
  })
  return `#compdef model-canary
# zsh completion of model-canary: source <(model-canary completion zsh)
_model_canary() {
  local place='' word
  local -a commands options
  for word in "\${(@)words[2,CURRENT-1]}"; do
${stepsOf(commands)}
  done
  case "$place" in
${places.join('\n')}
  esac
  if [[ "$PREFIX" == -* ]]; then
    _describe -o 'option' options
  elif (( \${#commands} )); then
    _describe 'command' commands
  else
    _files
  fi
}
if [[ "\${funcstack[1]}" == _model_canary ]]; then _model_canary "$@"; else compdef _model_canary model-canary; fi
`
}

/** A colon separates a word from its description. */
const described = ({ word, description }: ShellWord): string =>
  quoted(`${word.replaceAll(':', '\\:')}:${description.replaceAll(':', '\\:')}`)
