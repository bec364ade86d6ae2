import type { Command } from 'commander'
import { connect } from '../connection/address.js'
import { rolloutClient } from '../connection/rollout-client.js'
import type { Failure } from '../failure.js'
import { untilEnd } from '../following/until-end.js'
import { safeLines } from '../safe-text.js'
import { colorsFor } from '../show/colors.js'
import { report } from '../show/report.js'
import { statusLines } from '../show/status-lines.js'
import { type CommandContext, createCommand } from './command.js'
import { awaitedOf, type FollowCommandOptions, withFollowing } from './follow-options.js'

/** The command `wait`: nothing until the end of a rollout, for pipelines. */
export function waitCommand({ world, end }: CommandContext): Command {
  const command = createCommand('wait', 'waits until a rollout is promoted or rolled back, for pipelines', [
    'wait http://localhost:3000/canary --timeout 2h',
    'wait https://models.example/canary --canary v7 --fail-on-hold',
  ])
  return withFollowing(command).action(async (url: string | undefined, options: FollowCommandOptions) => {
    const client = rolloutClient(connect(url, options, world), options.rollout)
    let isStale = false
    const say = (text: string): void => world.stderr.write(`${safeLines(text)}\n`)
    const on = {
      status: () => {
        if (isStale) say('heard again')
        isStale = false
      },
      event: () => {},
      trouble: ({ message }: Failure) => {
        if (!isStale) say(`${message}; trying again`)
        isStale = true
      },
    }
    const { timeout: timeoutMs, patience: patienceMs, json = false } = options
    const { code, why, seen } = await untilEnd({
      client,
      world,
      awaited: awaitedOf(options),
      timeoutMs,
      patienceMs,
      on,
    })
    const lines = seen === undefined ? [] : statusLines(seen.view, colorsFor(world.stdout, world))
    report(world, json, { end: why, exit: code, status: seen?.body ?? null }, [...lines, why])
    end(code)
  })
}
