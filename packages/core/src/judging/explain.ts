import type { Check, Verdict } from './judge.js'

/**
 * Returns a verdict in two or three sentences: the decision, the figures behind it, and what the rollout waits for.
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
      return `Every guardrail has been shown to be within its margin, so the canary may get more traffic. ${said('held')}`
    case 'error':
      return `The canary could not be judged, so its weight stays the same: ${message ?? 'no reason was given'}.`
    case 'inconclusive':
      if (message !== undefined) return `The rollout waits, and the weight stays the same. ${capital(message)}.`
      return `${UNDECIDED} ${waitFor(waitingFor, said('undecided'))}`.trim()
  }
}

const FAILURES: Readonly<Record<NonNullable<Verdict['response']>, string>> = {
  rollback: 'The canary is worse than a guardrail accepts, so all requests go back to the baseline.',
  demote: 'The canary is slow, perhaps because it is cold, so it goes back to the warm-up once.',
  hold: 'The canary may be worse, and a person should look at it; the weight stays the same.',
}

const UNDECIDED = 'Not enough evidence yet, for or against; the weight stays the same.'

function waitFor(waitingFor: string | undefined, undecided: string): string {
  return waitingFor === undefined ? undecided : `Waiting for ${waitingFor}. ${undecided}`.trim()
}

/** Returns the sentences of at most two guardrails, and the number of the others. */
function sentencesOf(checks: readonly Check[]): string {
  const told = checks.slice(0, 2).map(({ guardrail, reason }) => `${guardrail}: ${reason}.`)
  const left = checks.length - told.length
  return [...told, ...(left > 0 ? [`The same applies to ${left} more guardrail${left === 1 ? '' : 's'}.`] : [])].join(
    ' ',
  )
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
