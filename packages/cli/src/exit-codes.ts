/** What the program ends with. Every command uses the same codes. */
export const EXIT = {
  /** The rollout was promoted, or the command has done what it was asked for. */
  done: 0,
  /** The rollout was rolled back. */
  rolledBack: 1,
  /** The command line, or a file that it names, is wrong. */
  usage: 2,
  /** The service could not be reached, or did not answer as one of model-canary. */
  unreachable: 3,
  /** The time was up before the end. */
  timeout: 4,
  /** The service refused the credentials, or asked for some. */
  notAllowed: 5,
  /** The rollout is at another step, in another state, or another one has begun. */
  movedOn: 6,
  /** The rollout is paused or held, with `--fail-on-hold`. */
  held: 7,
  /** A mistake in this program. */
  internal: 70,
  /** Somebody pressed Ctrl-C. */
  interrupted: 130,
} as const

/** One of the codes. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** The codes as the help shows them. */
export const EXIT_CODES_HELP = `
exit codes, the same for every command:
  0    promoted, or done
  1    rolled back
  2    the command line or a file is wrong
  3    the service is not reachable, or failed
  4    the time was up
  5    not allowed
  6    moved on: another step, another state or another rollout
  7    paused or held, with --fail-on-hold
  70   a mistake in this program
  130  interrupted`
