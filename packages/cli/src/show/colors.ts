import picocolors from 'picocolors'
import type { Output, World } from '../world.js'

/** Functions that colour a text, or return it as it is. */
export type Colors = ReturnType<typeof picocolors.createColors>

/** Returns colours for a stream; none if it is no terminal, or if the environment or the command line asks for none. */
export function colorsFor({ isTerminal }: Output, { env, args }: Pick<World, 'env' | 'args'>): Colors {
  const isRefused = (env.NO_COLOR ?? '') !== '' || args.includes('--no-color') || env.TERM === 'dumb'
  const isForced = (env.FORCE_COLOR ?? '') !== '' && env.FORCE_COLOR !== '0'
  return picocolors.createColors(!isRefused && (isTerminal || isForced))
}

/** Returns a state in its colour. */
export function stateText(state: string, colors: Colors): string {
  if (state === 'promoted') return colors.green(state)
  if (state === 'rolled-back') return colors.red(state)
  return state === 'paused' ? colors.yellow(state) : colors.cyan(state)
}
