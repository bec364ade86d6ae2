import type { Command } from 'commander'
import { connect } from '../connection/address.js'
import { rolloutClient } from '../connection/rollout-client.js'
import { untilEnd } from '../following/until-end.js'
import { watchAsJson, watchAsLines, watchOnScreen } from '../show/watch-views.js'
import type { World } from '../world.js'
import { type CommandContext, createCommand } from './command.js'
import { awaitedOf, type FollowCommandOptions, withFollowing } from './follow-options.js'

/** The command `watch`: a live view on a terminal, and lines in a pipe. */
export function watchCommand({ world, end }: CommandContext): Command {
  const command = createCommand('watch', 'shows a rollout until its end: live on a terminal, as lines in a pipe', [
    'watch http://localhost:3000/canary',
    'watch https://models.example/canary --rollout sentiment --json',
  ])
  return withFollowing(command).action(async (url: string | undefined, options: FollowCommandOptions) => {
    const client = rolloutClient(connect(url, options, world), options.rollout)
    const view = viewFor(options.json === true, world)
    const { timeout: timeoutMs, patience: patienceMs } = options
    try {
      const awaited = awaitedOf(options)
      const { code, why } = await untilEnd({ client, world, awaited, timeoutMs, patienceMs, on: view })
      view.end(code, why)
      end(code)
    } finally {
      view.close()
    }
  })
}

function viewFor(isJson: boolean, world: World) {
  if (isJson) return watchAsJson(world)
  return world.stdout.isTerminal && world.env.TERM !== 'dumb' ? watchOnScreen(world) : watchAsLines(world)
}
