import { randomUUID } from 'node:crypto'
import type { OperatorVerb } from '@model-canary/core/controller'
import type { Command } from 'commander'
import { type AddressOptions, connect, withAddress } from '../connection/address.js'
import { type RolloutClient, rolloutClient } from '../connection/rollout-client.js'
import { seenStep, sendVerb, untilReached, type VerbDone } from '../connection/send-verb.js'
import { EXIT } from '../exit-codes.js'
import { durationOption, parseDuration } from '../parse/duration.js'
import { parseExpectedStep, type SeenStep } from '../parse/expected-step.js'
import { wholeFrom } from '../parse/numbers.js'
import { colorsFor } from '../show/colors.js'
import { report } from '../show/report.js'
import { whereText } from '../show/status-lines.js'
import { type CommandContext, type CommonOptions, createCommand } from './command.js'

/** A verb as the command line has it. */
interface VerbCommand {
  readonly description: string
  readonly examples: readonly string[]
  /** Whether it gives the canary more, so that it has to name the step that was seen. */
  readonly isRaising: boolean
  /** Adds the options that only this verb has. */
  readonly extend?: (command: Command) => Command
}

const VERBS: Readonly<Record<OperatorVerb, VerbCommand>> = {
  promote: {
    description: 'goes on to the next step, regardless of the evidence',
    examples: ['promote http://localhost:3000/canary --expect 2/1 --reason "looks good"', 'promote --full'],
    isRaising: true,
    extend: (command) => command.option('--full', 'go to 100 % directly'),
  },
  pause: {
    description: 'holds the weight; harm still rolls back',
    examples: ['pause http://localhost:3000/canary --for 30m --reason "a sale begins"'],
    isRaising: false,
    extend: (command) => command.option('--for <duration>', 'resume by itself after this time', parseDuration),
  },
  resume: {
    description: 'ends a pause',
    examples: ['resume http://localhost:3000/canary'],
    isRaising: true,
  },
  rollback: {
    description: 'sends every request to the baseline and ends the rollout',
    examples: ['rollback http://localhost:3000/canary --reason "wrong labels"'],
    isRaising: false,
  },
  retry: {
    description: 'begins again after the end of a rollout',
    examples: ['retry http://localhost:3000/canary --from-step 2'],
    isRaising: true,
    extend: (command) =>
      command.option('--from-step <step>', 'the step that follows the warm-up (default: 1)', wholeFrom(1, 1_000)),
  },
  disable: {
    description: 'throws the kill switch: every request goes to the baseline',
    examples: ['disable http://localhost:3000/canary --reason "on fire"'],
    isRaising: false,
  },
  enable: {
    description: 'releases the kill switch',
    examples: ['enable http://localhost:3000/canary'],
    isRaising: true,
  },
}

interface VerbCommandOptions extends AddressOptions, CommonOptions {
  readonly reason?: string
  readonly actor?: string
  readonly expect?: SeenStep
  readonly idempotencyKey?: string
  readonly timeout: number
  /** False with `--no-wait`. */
  readonly wait: boolean
  readonly full?: boolean
  readonly for?: number
  readonly fromStep?: number
}

/** The commands of the verbs. */
export const verbCommands = (context: CommandContext): readonly Command[] =>
  (Object.keys(VERBS) as OperatorVerb[]).map((verb) => verbCommand(verb, context))

function verbCommand(verb: OperatorVerb, { world, end }: CommandContext): Command {
  const { description, examples, isRaising, extend = (command) => command } = VERBS[verb]
  const common = withAddress(createCommand(verb, description, examples))
    .option('--reason <text>', 'why, for the history')
    .option('--actor <name>', 'who, for the history; used only if the service does not know')
    .option('--idempotency-key <key>', 'sends the same verb again after a lost answer (default: a new one)')
    .addOption(durationOption('--timeout <duration>', 'how long it may take', '60s'))
    .option('--no-wait', 'do not wait until all processes apply it')
  const expecting = isRaising
    ? common.option(
        '--expect <step>',
        'STEP or STEP/EPOCH that you have seen (default: the present)',
        parseExpectedStep,
      )
    : common
  return extend(expecting).action(async (url: string | undefined, options: VerbCommandOptions) => {
    const { timeout: timeoutMs, idempotencyKey: key = randomUUID(), json = false } = options
    const endMs = world.clock.elapsed() + timeoutMs
    const client = rolloutClient(connect(url, options, world), options.rollout)
    const body = { ...ownOptions(options, world.clock.now()), ...(await stepOf(isRaising, options, client)) }
    const done = await sendVerb({ client, verb, options: body, key, timeoutMs, world })
    const leftMs = options.wait ? endMs - world.clock.elapsed() : 0
    const spread = await untilReached(done, client, leftMs, world)
    report(world, json, { ...(done.body as object), ...spread }, [
      `${verb}: ${done.view.name} is ${whereText(done.view, colorsFor(world.stdout, world))}`,
      reachText(spread),
    ])
    end(codeOf(spread, options.wait, world.interrupted))
  })
}

/** Returns the options as the routes take them. */
function ownOptions({ reason, actor, full, fromStep, for: forMs }: VerbCommandOptions, nowMs: number) {
  return {
    ...(reason !== undefined && { reason }),
    ...(actor !== undefined && { actor }),
    ...(full === true && { full }),
    ...(fromStep !== undefined && { fromStep }),
    ...(forMs !== undefined && { untilMs: nowMs + forMs }),
  }
}

/** Returns the step that was seen: that of the command line, else the present one. The others do not depend on it. */
async function stepOf(isRaising: boolean, { expect, timeout }: VerbCommandOptions, client: RolloutClient) {
  return isRaising ? { expectedStep: expect ?? (await seenStep(client, timeout)) } : {}
}

type Spread = Pick<VerbDone, 'reached' | 'of'>

const reachText = ({ reached, of }: Spread): string =>
  of === null ? 'applied by the process that answered' : `applied by ${reached} of ${of} processes`

function codeOf({ reached, of }: Spread, isAwaited: boolean, interrupted: AbortSignal) {
  if (!isAwaited || of === null || reached >= of) return EXIT.done
  return interrupted.aborted ? EXIT.interrupted : EXIT.timeout
}
