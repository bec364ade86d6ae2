// The demo: `npm start`. Starts the service, sends it traffic, and shows the rollout.
import { type DemoOptions, parseArguments, USAGE } from './arguments.js'
import { watchRollout } from './rollout-demo.js'
import { startService } from './service-process.js'
import { introduction } from './terminal/introduction.js'
import { createShow } from './terminal/show.js'
import { isAsExpected, summary } from './terminal/summary.js'

/** The exit code of a program that Ctrl-C ended. */
const INTERRUPTED = 130

const options = parseArguments(process.argv.slice(2))
if ('problem' in options) {
  console.error(`${options.problem}\n\n${USAGE}`)
  process.exitCode = 2
} else if ('help' in options) console.log(USAGE)
else process.exit(await play(options))

async function play(options: DemoOptions): Promise<number> {
  const interruption = new AbortController()
  const show = createShow(process.stdout)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interruption.abort())

  process.stdout.on('error', () => interruption.abort()) // whoever read this has gone

  const service = await startService(options).catch((error: Error) => error)
  if (service instanceof Error) {
    console.error(service.message)
    return 1
  }
  try {
    show.say(introduction(options, service))
    const end = await watchRollout(service, options, show, interruption.signal)
    show.end()
    show.say(['', ...summary(end)])
    if (options.exit) return isAsExpected(end) ? 0 : 1
    show.say(['', ...invitation(service.origin)])
    await Promise.race([interrupted(interruption.signal), service.gone])
    return 0
  } catch (error) {
    show.end()
    if (interruption.signal.aborted) return INTERRUPTED
    console.error(error instanceof Error ? error.message : error)
    return 1
  } finally {
    await service.stop()
  }
}

function invitation(origin: string): string[] {
  return [
    'The traffic has stopped; the service stays up until Ctrl-C:',
    `  ${origin}/canary/`,
    `  ${origin}/canary/status`,
    `  ${origin}/canary/metrics`,
    `  curl -s ${origin}/predict -H 'content-type: application/json' -d '{"text": "I love it"}'`,
  ]
}

function interrupted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
