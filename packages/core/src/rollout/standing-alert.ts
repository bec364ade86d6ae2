/** An alert that was said and has not ended. Plain JSON. */
export interface StandingAlert {
  /** When it was said first, as wall time in milliseconds since 1970. */
  readonly at: number
  /** When its cause was seen last. */
  readonly lastAt: number
  /** How often it was said. */
  readonly said: number
  /** How often its cause came, after looks without it. */
  readonly count: number
  /** Whether its cause was there at the latest look. */
  readonly isOn: boolean
}

/** After how long an alert ends whose cause is not seen any more, where it is never repeated, in milliseconds. */
const CALM_MS = 3_600_000

/**
 * The alert once its cause is there, and what to say of it: `undefined` for nothing.
 *
 * A cause that comes back before the first of `repeatMs` has passed is the same alert, once more.
 *
 * @param repeatMs how long after the first time it is said again, in milliseconds, rising
 */
export function seeCause(
  before: StandingAlert | undefined,
  message: string,
  at: number,
  repeatMs: readonly number[],
): { readonly standing: StandingAlert; readonly said: string | undefined } {
  if (before === undefined || (!before.isOn && at - before.lastAt > (repeatMs[0] ?? CALM_MS))) {
    return { standing: { at, lastAt: at, said: 1, count: 1, isOn: true }, said: message }
  }
  const count = before.count + (before.isOn ? 0 : 1)
  const due = 1 + repeatMs.filter((ms) => at - before.at >= ms).length
  const standing = { ...before, lastAt: at, said: Math.max(before.said, due), count, isOn: true }
  if (due <= before.said) return { standing, said: undefined }
  const times = count === 1 ? '' : `, ${count} times`
  return { standing, said: `${message} (for ${inHours(at - before.at)}${times})` }
}

/** The alert once its cause is gone. It stands for a while: what comes back soon is no news. */
export const loseCause = (before: StandingAlert): StandingAlert => (before.isOn ? { ...before, isOn: false } : before)

const inHours = (ms: number): string =>
  ms < 5_400_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`
