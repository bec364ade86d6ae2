import type { Command } from 'commander'
import { EXIT } from '../exit-codes.js'
import { type DescribedRollout, describeRollout } from '../rollout-file/described.js'
import { readJsonFile } from '../rollout-file/json-file.js'
import { readRolloutFile } from '../rollout-file/rollout-file.js'
import { safeJson } from '../safe-text.js'
import { type Colors, colorsFor } from '../show/colors.js'
import { report } from '../show/report.js'
import { durationText, numberText } from '../show/words.js'
import { checkScenarios, scenariosOf } from '../simulating/scenarios.js'
import { readTraffic } from '../simulating/traffic.js'
import { type CommandContext, type CommonOptions, createCommand } from './command.js'

/** The command `validate`: whether a plan can be used, and what it means with every default. */
export function validateCommand({ world, end }: CommandContext): Command {
  const command = createCommand('validate', 'checks a plan, and shows it with every default', [
    'validate plan.json',
    'validate plan.json --json',
  ])
  return command
    .argument('<plan.json>', 'a file with the plan, the guardrails and the judge; - is standard input')
    .action(async (path: string, { json = false }: CommonOptions) => {
      const { rollout, traffic } = readRolloutFile(path, readJsonFile(path))
      if (traffic !== undefined) await checkScenarios(scenariosOf(rollout, readTraffic(traffic, {})))
      const described = describeRollout(rollout)
      report(world, json, { isValid: true, ...described }, planLines(described, colorsFor(world.stdout, world)))
      end(EXIT.done)
    })
}

function planLines({ course, guardrails, judge }: DescribedRollout, colors: Colors): readonly string[] {
  const { warmUp, steps, bake, maxDurationMs, onStall, mode } = course
  const label = (text: string): string => colors.dim(text.padEnd(10))
  return [
    `${label('warm-up')}  ${warmUp.weight} % for ${durationText(warmUp.durationMs)}`,
    ...steps.map(({ weight, minDurationMs, minRequests, gate }, index) => {
      const least = `at least ${durationText(minDurationMs)} and ${numberText(minRequests)} requests of each version`
      return `${label(`step ${index + 1}`)}  ${weight} %, ${least}${gate === undefined ? '' : ', then a gate'}`
    }),
    `${label('bake')}  ${durationText(bake.durationMs)}, ${bake.holdbackPercent} % for the baseline`,
    ...guardrails.map((guardrail) => `${label('guardrail')}  ${safeJson(guardrail)}`),
    `${label('judge')}  ${judge}`,
    ...(maxDurationMs === null ? [] : [`${label('stall')}  ${onStall} after ${durationText(maxDurationMs)}`]),
    ...(mode === 'observe' ? [`${label('mode')}  observe: decisions are not applied`] : []),
  ]
}
