import { numberWithin } from '../foundation/options.js'
import { withMethods } from '../foundation/with-methods.js'
import { evidenceJudge } from '../judging/evidence-judge.js'
import type { Judge } from '../judging/judge.js'

/** Returns the judge. Its times set timers, and one without a time would never pause. */
export function resolveJudge(given: Judge = evidenceJudge()): Judge {
  const judge = withMethods('judge', given, ['open', 'update', 'decide'])
  const { learn, watch } = judge
  if (learn) numberWithin('judge.learn.windowMs', learn.windowMs, 1, Number.MAX_VALUE)
  if (watch) numberWithin('judge.watch.everyMs', watch.everyMs, 1, Number.MAX_VALUE)
  return judge
}
