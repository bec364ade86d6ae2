import { CanaryError } from '../errors.js'
import { messageOf } from '../message-of.js'
import { type Analysis, analyze, type Reading } from './analyze.js'
import type { ResolvedRollout } from './controller-options.js'
import { withDeadline } from './deadline.js'
import type { Dispatcher } from './dispatcher.js'
import type { MetricsSource } from './ports.js'
import type { StoredRollout } from './store.js'

/** What a look needs. */
export interface LookOptions {
  readonly rollout: ResolvedRollout
  readonly source: MetricsSource
  readonly dispatcher: Dispatcher
  readonly report: (error: CanaryError) => void
  /** Whether the weight in force is the one that was decided; until then only a failure counts. */
  readonly isInForce: () => boolean
  /** Aborted when nobody waits for the source any more. */
  readonly signal: AbortSignal
}

type Cumulative = StoredRollout['cumulative']

/** Makes the function that looks once: reads what was counted, asks the judge, and brings the answer to the rollout. */
export function createLook({
  rollout,
  source,
  dispatcher,
  report,
  isInForce,
  signal,
}: LookOptions): () => Promise<void> {
  const { course, clock, judge, guardrails, ioTimeoutMs } = rollout
  const bench = { judge, guardrails, course }
  /** What this process had counted at its last look, where counts belong to a process. */
  let own: { readonly epoch: number; readonly step: number; readonly cumulative: Cumulative } | undefined

  const cumulativeOf = ({ state, cumulative }: StoredRollout): Cumulative => {
    if (source.survivesRestart !== false) return cumulative
    return own?.epoch === state.epoch && own.step === state.step ? own.cumulative : null
  }

  const read = async (epoch: number, step: number): Promise<Reading> => {
    try {
      return await withDeadline(clock, ioTimeoutMs, (deadline) => source.read({ epoch, step }, deadline), signal)
    } catch (cause) {
      if (!signal.aborted) report(new CanaryError('SOURCE_FAILED', messageOf(cause), { cause }))
      return { failed: `the metrics source failed: ${messageOf(cause)}` }
    }
  }

  const judgeSafely = (stored: StoredRollout, reading: Reading, sinceMs: number): Analysis => {
    try {
      return analyze(stored, reading, sinceMs, bench)
    } catch (cause) {
      report(new CanaryError('JUDGE_FAILED', messageOf(cause), { cause }))
      return analyze(stored, { failed: `the judge failed: ${messageOf(cause)}` }, sinceMs, bench)
    }
  }

  return async function look() {
    const { epoch, step } = dispatcher.current.state
    const before = cumulativeOf(dispatcher.current)
    const reading = await read(epoch, step)
    let analysis: Analysis | undefined
    const isTaken = await dispatcher.dispatch((current) => {
      const isStale = current.state.epoch !== epoch || current.state.step !== step || cumulativeOf(current) !== before
      if (isStale) return undefined // somebody else looked meanwhile: counted twice would be worse than once less
      analysis = judgeSafely({ ...current, cumulative: before }, reading, dispatcher.sinceMs())
      const { verdict, requests } = analysis
      if (verdict.kind !== 'fail' && !isInForce()) return undefined
      return [
        { type: 'analyzed', verdict, requests },
        { actor: 'judge', analysis },
      ]
    })
    if (isTaken && analysis !== undefined) own = { epoch, step, cumulative: analysis.cumulative }
  }
}
