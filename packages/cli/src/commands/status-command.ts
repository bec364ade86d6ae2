import type { Command } from 'commander'
import { type AddressOptions, connect, withAddress } from '../connection/address.js'
import { rolloutClient } from '../connection/rollout-client.js'
import { EXIT } from '../exit-codes.js'
import { durationOption } from '../parse/duration.js'
import { colorsFor } from '../show/colors.js'
import { report } from '../show/report.js'
import { statusLines } from '../show/status-lines.js'
import { type CommandContext, type CommonOptions, createCommand } from './command.js'

interface StatusOptions extends AddressOptions, CommonOptions {
  readonly timeout: number
}

/** The command `status`: where a rollout stands, once. */
export function statusCommand({ world, end }: CommandContext): Command {
  const command = createCommand('status', 'shows where a rollout stands', [
    'status http://localhost:3000/canary',
    'status https://models.example/canary --rollout sentiment --json',
  ])
  return withAddress(command)
    .addOption(durationOption('--timeout <duration>', 'how long the answer may take', '10s'))
    .action(async (url: string | undefined, options: StatusOptions) => {
      const client = rolloutClient(connect(url, options, world), options.rollout)
      const { body, view } = await client.status(options.timeout)
      report(world, options.json === true, body, statusLines(view, colorsFor(world.stdout, world)))
      end(EXIT.done)
    })
}
