import { ignoreRejection } from '../routing/rejections.js'
import { adopt, isThenable } from '../routing/thenable.js'
import type { Deliver } from '../serving/delivery.js'
import type { Servable } from '../serving/models.js'
import { raise } from '../serving/raise.js'
import { modelsOfOneCall } from '../serving/ready-models.js'
import { outcomeOfError } from '../serving/status-outcome.js'
import { isPiecemeal } from '../serving/streams/output.js'
import type { RequestCanary } from './request-canary.js'

/** How an output is sent as the response of a request. */
export interface Sending<Output> {
  /** Sends an output. */
  send(output: Output): unknown
  /** Whether `send` sends JSON, which not every output has. */
  readonly isJson: boolean
  /** Returns whether a part of the response was sent. */
  isBegun(): boolean
  /** Returns whether the response was ended, such as by a time limit of the service. */
  isEnded(): boolean
}

/**
 * Runs checked models for a request, and sends the output. If it cannot be sent, that is an error of the version that
 * gave it, and with `fallback` the baseline's answer is sent instead, unless a part of the response was sent before.
 * What it takes to send is not the model's time. Rejects with the error of the model or of `send`.
 *
 * If somebody else has ended the response, nothing is sent, and an error of the model is counted but not passed on: a
 * framework would close the connection, on which the client may have sent its next request.
 *
 * If JSON is sent, a stream or a response is an error of the model, and is released. An output of which JSON has no
 * text, such as `undefined`, counts as an error; without `fallback` it is sent as it is. Neither is looked at if the
 * response has begun: the model writes it then.
 */
export async function runAndSend<Input extends unknown[], Baseline, CanaryOutput>(
  requestCanary: RequestCanary,
  models: Servable<Input, Baseline, CanaryOutput>,
  input: Input,
  sending: Sending<Awaited<Baseline> | Awaited<CanaryOutput>>,
): Promise<void> {
  type Output = Awaited<Baseline> | Awaited<CanaryOutput>
  const { isBegun, isEnded } = sending
  const sendsJson = () => sending.isJson && !isBegun()
  let isSent = false
  let isSendCalled = false

  const send = (output: unknown): unknown => {
    if (isEnded()) return release(output)
    isSendCalled = true
    return sending.send(output as Output)
  }

  const deliver: Deliver = (flight, output, result, failed) => {
    const ended = (): unknown => {
      isSent = true
      flight.end(result)
      return output
    }
    const undelivered = (error: unknown): unknown =>
      flight.isOpen ? failed(error, outcomeOfError(error), isBegun()) : raise(error)
    flight.park(true)
    flight.mayStayUnread(result)
    if (sendsJson() && isTextless(output)) {
      return unlessRaised(() => failed(notJson(typeof output), 'error', false), output)
    }
    let said: unknown
    try {
      said = send(output)
    } catch (error) {
      return undelivered(error)
    }
    return isThenable(said) ? adopt(said).then(ended, undelivered) : ended()
  }

  const refusal = (output: unknown): Error | undefined =>
    sendsJson() && isPiecemeal(output) ? notJson('a stream or a response') : undefined

  try {
    const output = await requestCanary.run(modelsOfOneCall(models, deliver, refusal), ...input)
    if (!isSent) await send(output)
  } catch (error) {
    if (isSendCalled || !isEnded()) throw error
  }
}

/** Returns whether JSON has no text for an output. */
const isTextless = (output: unknown): boolean =>
  output === undefined || typeof output === 'function' || typeof output === 'symbol'

const notJson = (what: string): Error =>
  new TypeError(`the output, ${what}, is not JSON: return an answer, or pass send: (output, res) => …`)

/** Returns what a function returns, or `otherwise` if it throws. */
function unlessRaised(call: () => unknown, otherwise: unknown): unknown {
  try {
    return call()
  } catch {
    return otherwise
  }
}

/** Releases a stream that is not sent. Never throws. */
function release(output: unknown): void {
  try {
    const { destroy, cancel, return: leave } = output as Partial<Record<string, () => unknown>>
    ignoreRejection((destroy ?? cancel ?? leave)?.call(output))
  } catch {}
}
