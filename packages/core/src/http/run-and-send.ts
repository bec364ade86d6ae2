import { adopt, isThenable } from '../routing/thenable.js'
import type { Deliver } from '../serving/delivery.js'
import type { Servable } from '../serving/models.js'
import { raise } from '../serving/raise.js'
import { modelsOfOneCall } from '../serving/ready-models.js'
import { outcomeOfError } from '../serving/status-outcome.js'
import type { RequestCanary } from './request-canary.js'

/** How an output is sent as the response of a request. */
export interface Sending<Output> {
  /** Sends an output. */
  send(output: Output): unknown
  /** Returns whether a part of the response was sent. */
  isBegun(): boolean
}

/**
 * Runs checked models for a request, and sends the output. If it cannot be sent, that is an error of the version that
 * gave it, and with `fallback` the baseline's answer is sent instead, unless a part of the response was sent before.
 * What it takes to send is not the model's time. Rejects with the error of the model or of `send`.
 */
export async function runAndSend<Input extends unknown[], Baseline, CanaryOutput>(
  requestCanary: RequestCanary,
  models: Servable<Input, Baseline, CanaryOutput>,
  input: Input,
  { send, isBegun }: Sending<Awaited<Baseline> | Awaited<CanaryOutput>>,
): Promise<void> {
  type Output = Awaited<Baseline> | Awaited<CanaryOutput>
  let isSent = false

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
    let said: unknown
    try {
      said = send(output as Output)
    } catch (error) {
      return undelivered(error)
    }
    return isThenable(said) ? adopt(said).then(ended, undelivered) : ended()
  }

  const output = await requestCanary.run(modelsOfOneCall(models, deliver), ...input)
  if (!isSent) await send(output as Output)
}
