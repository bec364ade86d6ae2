import type { DemoOptions } from '../arguments.js'
import { scenarios } from '../models/scenarios.js'
import { paces } from '../pace.js'
import type { ServiceProcess } from '../service-process.js'
import { seconds } from './figures.js'
import { fold } from './lines.js'

/** What the demo will do, and how much shorter it is than in production. */
export function introduction(
  { scenario, pace, rate }: DemoOptions,
  { origin, token }: Pick<ServiceProcess, 'origin' | 'token'>,
): string[] {
  const { warmUp, weights, minDurationMs, minRequests, bakeMs, intervalMs, judge } = paces[pace]
  const { story, endsAs } = scenarios[scenario]
  return [
    'A canary rollout of two real sentiment models behind an Express service.',
    '',
    ...paragraph(
      'page',
      `${origin}/canary/ in a browser; to promote or roll back there, sign in with the token ${token}`,
    ),
    ...paragraph('service', `${origin}, in a process of its own`),
    ...paragraph('models', 'v1 is AFINN-165 (the npm package sentiment), v2 is wink-nlp'),
    ...paragraph('traffic', `3,000 labelled sentences, again and again, ${rate} requests a second over HTTP`),
    ...paragraph('scenario', `${scenario}: ${story}; it should end ${endsAs}`),
    ...paragraph(
      'plan',
      `warm-up at ${warmUp.weight} % for ${seconds(warmUp.durationMs)}, then ${weights.join(' → ')} %, in each step at least ${seconds(minDurationMs)} and ${minRequests} requests of each version, at the end ${seconds(bakeMs)} at 90 %, of which the promotion makes 100 %; a look every ${seconds(intervalMs)}`,
    ),
    ...paragraph(
      'guardrails',
      'v2 may fail in 2 points more of its requests, leave 2 points more unanswered, take 50 ms more on average, have a p99 1.5 times and 40 ms above, call 20 points more or fewer texts positive, and be right in 5 points fewer; more than that rolls it back',
    ),
    ...paragraph(
      'judge',
      `evidence that holds however often it is looked at; its times are short here: a tick of ${seconds(judge.tickMs)}, ${judge.minWindows} of them to know the baseline's noise before anything is promoted, ${seconds(judge.graceMs)} in which slowness alone is forgiven once`,
    ),
    ...paragraph(
      'in production',
      'leave the judge its defaults: a tick of 15 s, 40 of them, and 3 min; give it minutes to hours a step',
    ),
    '',
  ]
}

function paragraph(title: string, text: string): string[] {
  const indent = ' '.repeat(15)
  return fold(title.padEnd(15) + text, indent)
}
