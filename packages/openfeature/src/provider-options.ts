import { CanaryError } from '@model-canary/core'
import { flag, refuseUnknown, wholeNumber } from '@model-canary/foundation'

/** What a provider takes. */
export interface CanaryProviderOptions {
  /** Starts every canary when the provider is set. @default false */
  readonly start?: boolean
  /** Closes every canary when the provider is replaced or closed. @default false */
  readonly close?: boolean
  /** The tracking events that are booked as metrics, by name. @default every event with a number as its `value` */
  readonly trackedEvents?: readonly string[]
  /** How many users of each flag are remembered, by the hash of their key, for tracking. @default 10_000 */
  readonly rememberedKeys?: number
}

/** The options with every field present. */
export interface ResolvedProvider {
  readonly start: boolean
  readonly close: boolean
  readonly trackedEvents: ReadonlySet<string> | undefined
  readonly rememberedKeys: number
}

/** About 150 bytes each. */
const MOST_KEYS = 10_000_000

/** Past this line every option is present and valid. */
export function resolveProvider(options: CanaryProviderOptions): ResolvedProvider {
  refuseUnknown('canaryProvider', options, { start: 1, close: 1, trackedEvents: 1, rememberedKeys: 1 })
  const { start = false, close = false, trackedEvents, rememberedKeys = 10_000 } = options
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
