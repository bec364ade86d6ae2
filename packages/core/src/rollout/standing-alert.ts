/** An alert that was raised and has not ended. Plain JSON. */
export interface StandingAlert {
  /** When it was first raised, as wall time in milliseconds since 1970. */
  readonly at: number
  /** When its cause was last seen, as wall time in milliseconds since 1970. */
  readonly lastAt: number
  /** How often it was raised. */
  readonly said: number
  /** How often its cause appeared, after looks without it. */
  readonly count: number
  /** Whether its cause was present at the latest look. */
  readonly isOn: boolean
}

/** How long after its cause was last seen an alert ends if there are no repetitions, in milliseconds. */
const CALM_MS = 3_600_000

/**
 * Returns the alert with its cause present, and the message to raise; `undefined` if it is not due.
 *
 * A cause that comes back before the first of `repeatMs` has passed continues the same alert.
 *
 * @param repeatMs how long after its first time the alert is repeated, in milliseconds, rising
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

/** Returns the alert without its cause. It does not end immediately, because the cause may come back soon. */
export const loseCause = (before: StandingAlert): StandingAlert => (before.isOn ? { ...before, isOn: false } : before)

const inHours = (ms: number): string =>
  ms < 5_400_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`
