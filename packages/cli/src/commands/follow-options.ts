import type { Command } from 'commander'
import { type AddressOptions, withAddress } from '../connection/address.js'
import { durationOption, parseDuration } from '../parse/duration.js'
import type { CommonOptions } from './command.js'

/** The options of the commands that follow a rollout to its end. */
export interface FollowCommandOptions extends AddressOptions, CommonOptions {
  readonly canary?: string
  readonly failOnHold?: boolean
  readonly timeout?: number
  readonly patience: number
}

/** Adds these options to a command. */
export const withFollowing = (command: Command): Command =>
  withAddress(command)
    .option('--canary <version>', 'wait until this version is rolled out, and then for its end')
    .option('--fail-on-hold', 'end with 7 if it is paused, disabled or, for 30 s, held')
    .option('--timeout <duration>', 'when to give up (default: never)', parseDuration)
    .addOption(durationOption('--patience <duration>', 'how long the service may be unreachable', '1m'))

/** Returns what is waited for. */
export const awaitedOf = ({ canary, failOnHold = false }: FollowCommandOptions) => ({
  failOnHold,
  ...(canary !== undefined && { canary }),
})
