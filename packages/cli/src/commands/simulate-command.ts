import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { summarizeRollouts } from '@model-canary/testing'
import { type Command, InvalidArgumentError } from 'commander'
import { EXIT } from '../exit-codes.js'
import { failure } from '../failure.js'
import { durationOption } from '../parse/duration.js'
import { numberFrom, wholeFrom } from '../parse/numbers.js'
import { readJsonFile } from '../rollout-file/json-file.js'
import { readRolloutFile } from '../rollout-file/rollout-file.js'
import { colorsFor } from '../show/colors.js'
import { createProgressBar } from '../show/progress-bar.js'
import { report } from '../show/report.js'
import { simulationLines } from '../show/simulation-lines.js'
import { simulationSvg } from '../show/simulation-svg.js'
import { runScenarios } from '../simulating/run-scenarios.js'
import { checkScenarios, hasGate, scenariosOf } from '../simulating/scenarios.js'
import { readTraffic, type TrafficFlags } from '../simulating/traffic.js'
import { type CommandContext, type CommonOptions, createCommand } from './command.js'

interface SimulateCommandOptions extends CommonOptions {
  readonly traffic?: number | string
  readonly errorRate?: number
  readonly worse?: number
  readonly replications: number
  readonly within: number
  readonly seed: number
  readonly threads: number
  readonly svg?: string
}

/** The most threads, because each keeps a rollout of its own in memory. */
const MOST_THREADS = 16

/** The command `simulate`: what a plan does with the traffic of a service. */
export function simulateCommand(context: CommandContext): Command {
  const command = createCommand('simulate', 'says what a plan would do: how likely is a false rollback, and how long', [
    'simulate plan.json --traffic 50',
    'simulate plan.json --traffic traffic.json --worse 0.03 --svg plan.svg',
    'simulate plan.json --traffic 200 --error-rate 0.005 --replications 1000 --within 10m --json',
  ])
  return command
    .argument('<plan.json>', 'a file with the plan, the guardrails and the judge; - is standard input')
    .option('--traffic <rate|file>', 'requests a second, or a JSON file (default: traffic of plan.json)', trafficFlag)
    .option('--error-rate <fraction>', 'the share of the baseline’s requests that fail', numberFrom(0, 1))
    .option('--worse <fraction>', 'by how much a worse canary fails more often (default: 0.03)', numberFrom(0, 1))
    .option('--replications <count>', 'how many rollouts of each canary', wholeFrom(1, 100_000), 200)
    .addOption(durationOption('--within <duration>', 'begin no rollout later; those that are done count', '45s'))
    .option('--seed <number>', 'the seed of the first rollout', wholeFrom(0, 1_000_000_000), 1)
    .option('--threads <count>', 'how many run at a time (default: one for each processor)', wholeFrom(1, MOST_THREADS))
    .option('--svg <file>', 'draw a picture as well')
    .action(async (path: string, options: SimulateCommandOptions) => simulatePlan(path, options, context))
}

async function simulatePlan(path: string, options: SimulateCommandOptions, { world, end }: CommandContext) {
  const file = readJsonFile(path)
  const { rollout, traffic: inFile } = readRolloutFile(path, file)
  const traffic = readTraffic(...trafficOf(options, inFile))
  const scenarios = scenariosOf(rollout, traffic)
  await checkScenarios(scenarios)
  const names = scenarios.map(({ name }) => name)
  const progress = createProgressBar(world.stderr)
  const outcomes = await runScenarios({
    input: { path, file, traffic },
    scenarios: names.length,
    replications: options.replications,
    seed: options.seed,
    withinMs: options.within,
    threads: options.threads ?? Math.min(MOST_THREADS, availableParallelism()),
    world,
    onProgress: progress.show,
  }).finally(progress.end)
  if (world.interrupted.aborted) throw failure(EXIT.interrupted, 'INTERRUPTED', 'interrupted')
  const results = names.map((scenario, at) => ({ scenario, rollouts: summarizeRollouts(outcomes[at]!) }))
  if (options.svg !== undefined) writePicture(options.svg, simulationSvg(results))
  const notes = notesOf(outcomes[0]!.length, options, hasGate(rollout))
  const lines = simulationLines(results, colorsFor(world.stdout, world))
  report(world, options.json === true, { traffic, seed: options.seed, results }, [...lines, '', ...notes])
  end(EXIT.done)
}

/** Returns what the file says, and what the command line says in its place. */
function trafficOf({ traffic, errorRate, worse }: SimulateCommandOptions, inFile: unknown) {
  const flags: TrafficFlags = {
    ...(typeof traffic === 'number' && { requestsPerSecond: traffic }),
    ...(errorRate !== undefined && { errorRate }),
    ...(worse !== undefined && { worse }),
  }
  return [typeof traffic === 'string' ? readJsonFile(traffic) : inFile, flags] as const
}

function trafficFlag(text: string): number | string {
  const [, rate] = /^(\d{1,6}(?:\.\d{1,6})?)(?:\/s)?$/.exec(text) ?? []
  if (rate === undefined && text.trim() === '') throw new InvalidArgumentError('It must be a rate or a file.')
  return rate === undefined ? text : Number(rate)
}

function notesOf(finished: number, { replications }: SimulateCommandOptions, isGated: boolean): readonly string[] {
  const short = finished < replications ? ` of ${replications}: the time was up, --within gives more` : ''
  return [
    `${finished} rollouts of each${short}. Shares have exact 95 % limits; times and counts have the median, and where 90 % lie.`,
    ...(isGated ? ['The gates of the plan count as open.'] : []),
  ]
}

function writePicture(path: string, picture: string): void {
  try {
    writeFileSync(path, picture)
  } catch (error) {
    throw failure(EXIT.usage, 'FILE_UNWRITABLE', `${path} cannot be written (${(error as { code?: string }).code})`)
  }
}
