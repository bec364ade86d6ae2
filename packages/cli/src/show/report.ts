import { safeJson } from '../safe-text.js'
import type { World } from '../world.js'

/** Writes a result: as JSON if that was asked for, and as lines otherwise. */
export function report(world: World, isJson: boolean, body: unknown, lines: readonly string[]): void {
  world.stdout.write(isJson ? `${safeJson(body, 2)}\n` : lines.map((line) => `${line}\n`).join(''))
}
