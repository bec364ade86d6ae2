import type { Output } from '../world.js'
import { bar } from './bar.js'

/** A bar that shows how much is done. */
export interface ProgressBar {
  /** Shows a share from 0 to 1. */
  show(share: number): void
  /** Takes the bar away. */
  end(): void
}

const WIDTH = 40

/** Creates a bar on a terminal; one in a pipe shows nothing. */
export function createProgressBar(output: Output): ProgressBar {
  if (!output.isTerminal) return { show: () => {}, end: () => {} }
  return {
    show: (share) => output.write(`\r${bar(share, WIDTH)} ${Math.floor(100 * share)} %\u001b[K`),
    end: () => output.write('\r\u001b[K'),
  }
}
