const SERVED = 'it is an option of canary.models and of wrap'
const STEP = 'pass it to linearPlan'
const CALLER = 'pass key to the middleware or to wrap'
const SHARE = 'the share of the canary comes from the plan'

/** First guesses at names: the likely options, and where the name belongs if there is no such option. */
const GUESSES: Readonly<Record<string, readonly [names: string, elsewhere?: string]>> = {
  percentage: ['weight plan', SHARE],
  percent: ['weight plan', SHARE],
  traffic: ['weight plan', SHARE],
  weight: ['plan', SHARE],
  steps: ['plan'],
  minRequests: ['', STEP],
  minDurationMs: ['', STEP],
  gate: ['', STEP],
  timeout: ['timeoutMs', SERVED],
  timeoutMs: ['', SERVED],
  fallback: ['', SERVED],
  predictionOf: ['', SERVED],
  metricsOf: ['', SERVED],
  key: ['', CALLER],
  userId: ['key', CALLER],
  max: ['limit limitMs'],
  threshold: ['margin marginMs limit'],
  metrics: ['metricsOf guardrails'],
  models: ['versions', 'pass the models to canary.models or to wrap'],
  dryRun: ['mode'],
}

/** Returns a remark about what an unknown option was likely meant to be; `undefined` if no option is similar. */
export function guessOf(name: string, known: readonly string[]): string | undefined {
  const [names, elsewhere] = Object.hasOwn(GUESSES, name) ? GUESSES[name]! : ['']
  const listed = names.split(' ').find((candidate) => known.includes(candidate))
  if (listed === undefined && elsewhere !== undefined) return elsewhere
  const meant = listed ?? nearest(name, known)
  return meant === undefined ? undefined : `did you mean "${meant}"?`
}

/** Returns the known name with the fewest letters to change, at most two. A missing unit does not count. */
function nearest(name: string, known: readonly string[]): string | undefined {
  let few = name.length < 4 || name.length > 40 ? 0 : 2
  let found: string | undefined
  for (const candidate of known) {
    const whole = candidate.toLowerCase()
    const edits = Math.min(...[whole, whole.replace(/ms$/, '')].map((to) => editsOf(name.toLowerCase(), to)))
    if (edits > few || (edits === few && found !== undefined)) continue
    few = edits
    found = candidate
  }
  return found
}

/** Returns the number of letters to add, remove or replace. */
function editsOf(from: string, to: string): number {
  let last = Array.from({ length: to.length + 1 }, (_, at) => at)
  for (const [row, letter] of [...from].entries()) {
    const current = [row + 1]
    for (const [at, other] of [...to].entries()) {
      current.push(Math.min(last[at + 1]! + 1, current[at]! + 1, last[at]! + Number(letter !== other)))
    }
    last = current
  }
  return last.at(-1)!
}
