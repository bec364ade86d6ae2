import { CanaryError } from '@model-canary/core'
import { type Defaults, flag, refuseUnknown, wholeNumber } from '@model-canary/foundation'

/** The options of {@link canaryProvider}. */
export interface CanaryProviderOptions {
  /** Starts every canary when the provider is set. @default false */
  readonly start?: boolean
  /** Closes every canary when the provider is replaced or closed. @default false */
  readonly close?: boolean
  /** The names of the tracking events recorded as metrics. @default every event with a number as its `value` */
  readonly trackedEvents?: readonly string[]
  /** How many users of each flag are remembered for tracking, by the hash of their key. @default 10_000 */
  readonly rememberedKeys?: number
}

/** What an option is if it is not given. */
const PROVIDER_DEFAULTS = {
  start: false,
  close: false,
  rememberedKeys: 10_000,
} as const satisfies Defaults<CanaryProviderOptions>

/** The options with all defaults applied. */
export interface ResolvedProvider {
  readonly start: boolean
  readonly close: boolean
  readonly trackedEvents: ReadonlySet<string> | undefined
  readonly rememberedKeys: number
}

/** The largest `rememberedKeys`; each key takes about 150 bytes. */
const MOST_KEYS = 10_000_000

/** Checks the options and applies the defaults. @throws `UNKNOWN_OPTION`, `INVALID_OPTION` */
export function resolveProvider(options: CanaryProviderOptions): ResolvedProvider {
  refuseUnknown('canaryProvider', options, { start: 1, close: 1, trackedEvents: 1, rememberedKeys: 1 })
  const { start = PROVIDER_DEFAULTS.start, close = PROVIDER_DEFAULTS.close, trackedEvents } = options
  const { rememberedKeys = PROVIDER_DEFAULTS.rememberedKeys } = options
  return {
    start: flag('start', start),
    close: flag('close', close),
    trackedEvents: trackedEvents === undefined ? undefined : names(trackedEvents),
    rememberedKeys: wholeNumber('rememberedKeys', rememberedKeys, 0, MOST_KEYS),
  }
}

function names(trackedEvents: unknown): ReadonlySet<string> {
  if (Array.isArray(trackedEvents) && trackedEvents.every((name) => typeof name === 'string' && name !== '')) {
    return new Set<string>(trackedEvents)
  }
  throw new CanaryError('INVALID_OPTION', 'trackedEvents must be an array of names')
}
