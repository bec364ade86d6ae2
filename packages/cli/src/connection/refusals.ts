import { EXIT, type ExitCode } from '../exit-codes.js'
import { type Failure, failure } from '../failure.js'
import { isRecord } from './records.js'
import type { NoAnswer, RouteAnswer } from './transport.js'

const EXIT_BY_STATUS: Readonly<Record<number, ExitCode>> = {
  400: EXIT.usage,
  401: EXIT.notAllowed,
  403: EXIT.notAllowed,
  409: EXIT.movedOn,
  415: EXIT.usage,
  428: EXIT.movedOn,
}

const ADVICE: Readonly<Record<number, string>> = {
  401: '; give a token with --token-file or MODEL_CANARY_TOKEN',
  403: '; this token may not do it, or the service has no `authorize`',
}

/** Returns the failure that an answer other than success stands for. */
export function refusalOf(answer: RouteAnswer | NoAnswer, place: string): Failure {
  if (answer.status === null)
    return failure(EXIT.unreachable, 'UNREACHABLE', `${place} is not reachable: ${answer.message}`)
  const { status, body } = answer
  const { code, message } = errorIn(body)
  if (status >= 300 && status < 400) {
    const advice = 'pass the address that it leads to, because a token is not sent on'
    return failure(EXIT.unreachable, 'REDIRECT', `${place} answers with a redirect; ${advice}`)
  }
  const words = message ?? (status === 404 ? `no routes of model-canary at ${place}` : `${place} answered ${status}`)
  const exit = EXIT_BY_STATUS[status] ?? EXIT.unreachable
  return failure(exit, code ?? `HTTP_${status}`, `${words}${ADVICE[status] ?? ''}`, body)
}

/** Returns the code and the sentence of a refusal, as far as the body has them. */
export function errorIn(body: unknown): { readonly code?: string; readonly message?: string } {
  if (!isRecord(body) || !isRecord(body.error)) return {}
  const { code, message } = body.error
  return { ...(typeof code === 'string' && { code }), ...(typeof message === 'string' && { message }) }
}
