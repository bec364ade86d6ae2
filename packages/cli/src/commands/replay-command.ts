import { replayRequests } from '@model-canary/testing'
import type { Command } from 'commander'
import { EXIT } from '../exit-codes.js'
import { failure } from '../failure.js'
import { readBounded } from '../read-bounded.js'
import { readRequests } from '../replaying/recorded-requests.js'
import { replayLines } from '../replaying/replay-lines.js'
import { readJsonFile } from '../rollout-file/json-file.js'
import { readRolloutFile } from '../rollout-file/rollout-file.js'
import { safeData, safeLines } from '../safe-text.js'
import { colorsFor } from '../show/colors.js'
import { report } from '../show/report.js'
import { withoutGates } from '../simulating/scenarios.js'
import { type CommandContext, type CommonOptions, createCommand } from './command.js'

interface ReplayCommandOptions extends CommonOptions {
  readonly policy?: string
  readonly sticky?: boolean
}

/** The longest record, in bytes. */
const LONGEST = 268_435_456

const EXIT_BY_END = { passed: EXIT.done, rolledBack: EXIT.rolledBack, undecided: EXIT.timeout } as const

/** The command `replay`: what a policy would have decided about requests that were served. */
export function replayCommand({ world, end }: CommandContext): Command {
  const command = createCommand('replay', 'judges recorded requests as if they were a rollout, and explains it', [
    'replay requests.jsonl --policy policy.json',
    'zcat requests.jsonl.gz | model-canary replay - --policy policy.json --json',
  ])
  return command
    .argument('<requests.jsonl>', 'a JSON object a line: variant, at, durationMs, outcome, …; - is standard input')
    .option('--policy <policy.json>', 'the guardrails and the judge, as for simulate (default: those of a canary)')
    .option('--sticky', 'users were split, not requests')
    .action(async (path: string, { policy, sticky = false, json = false }: ReplayCommandOptions) => {
      const { rollout } = readRolloutFile(policy ?? 'policy', policy === undefined ? {} : readJsonFile(policy))
      const { requests, ignored } = readRequests(path, readBounded(path, LONGEST))
      if (requests.length === 0) throw failure(EXIT.usage, 'BAD_RECORD', `${path} has no requests`)
      if (ignored.length > 0) world.stderr.write(safeLines(`members that mean nothing here: ${ignored.join(', ')}\n`))
      const replay = await replayRequests({
        requests,
        rollout: withoutGates(rollout),
        unit: sticky ? 'key' : 'request',
      })
      const shown = safeData(replay) as typeof replay // a record may have any text as a class
      report(world, json, replay, replayLines(shown, colorsFor(world.stdout, world)))
      end(EXIT_BY_END[replay.end])
    })
}
