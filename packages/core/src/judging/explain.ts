import type { Check, Verdict } from './judge.js'

/**
 * A verdict in two or three plain sentences: what was decided, by which figures, and what is waited for.
 *
 * @example
 * canary.on('decision', ({ verdict }) => verdict && console.log(explain(verdict)))
 */
export function explain({ kind, response, checks, message, waitingFor }: Verdict): string {
  const counted = checks.filter(({ severity }) => severity !== 'observe')
  const said = (outcome: Check['outcome']) => sentencesOf(counted.filter((check) => check.outcome === outcome))
  switch (kind) {
    case 'fail':
      return `${FAILURES[response ?? 'rollback']} ${said('breached')}`.trim()
    case 'pass':
      return `Every guardrail is proved to be within its margin, so the canary may get more traffic. ${said('held')}`
    case 'error':
      return `Nothing could be judged, so the canary stays where it is: ${message ?? 'no reason was given'}.`
    case 'inconclusive':
      return `Nothing says that the canary does harm, and not enough that it does none, so it stays where it is. ${
        message === undefined ? waitFor(waitingFor, said('undecided')) : `${capital(message)}.`
      }`.trim()
  }
}

const FAILURES: Readonly<Record<NonNullable<Verdict['response']>, string>> = {
  rollback: 'The canary does more harm than is accepted, so everybody goes back to the baseline.',
  demote: 'The canary is slow, and it may be cold, so it goes back into the warm-up once.',
  hold: 'The canary may do harm that a person should look at, so it stays where it is.',
}

function waitFor(waitingFor: string | undefined, undecided: string): string {
  return waitingFor === undefined ? undecided : `It waits for ${waitingFor}. ${undecided}`.trim()
}

/** At most two guardrails in full; of the others only how many there are. */
function sentencesOf(checks: readonly Check[]): string {
  const told = checks.slice(0, 2).map(({ guardrail, reason }) => `${guardrail}: ${reason}.`)
  const left = checks.length - told.length
  return [...told, ...(left > 0 ? [`So it is with ${left} more.`] : [])].join(' ')
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
