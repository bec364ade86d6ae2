import type { Assignment } from '@model-canary/core'
import {
  type EvaluationContext,
  type JsonValue,
  OpenFeatureEventEmitter,
  type Provider,
  type ResolutionDetails,
} from '@openfeature/server-sdk'
import { announceChanges } from './changes.js'
import { evaluate, flagNotFound, typeMismatch } from './evaluate.js'
import { type FlagCanary, flagsOf } from './flags.js'
import { type CanaryProviderOptions, resolveProvider } from './provider-options.js'
import { book } from './track.js'

/**
 * Creates an OpenFeature provider for one canary, whose name is the flag key, or for several by flag key.
 *
 * A string flag is the version, a boolean flag is `true` for the canary, and an object flag is the assignment. The
 * targeting key is the routing key, and the rest of the context becomes the request's attributes. Evaluations do not
 * count as requests. Tracking events with a number become metrics of the version that the user was assigned.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`
 * @example
 * await OpenFeature.setProviderAndWait(canaryProvider(canary, { start: true }))
 * const version = await OpenFeature.getClient().getStringValue('sentiment', 'v1', { targetingKey: userId })
 */
export function canaryProvider(
  canaries: FlagCanary | Readonly<Record<string, FlagCanary>>,
  options: CanaryProviderOptions = {},
): Provider {
  const { start, close, trackedEvents, rememberedKeys } = resolveProvider(options)
  const flags = flagsOf(canaries, rememberedKeys)
  const all = [...flags.values()]
  const emitter = new OpenFeatureEventEmitter()
  let stops: readonly (() => void)[] = []

  const stopAnnouncing = (): void => {
    for (const stop of stops) stop()
    stops = []
  }
  const resolve = <Value>(key: string, fallback: Value, context: EvaluationContext, read: Read<Value>) => {
    const flag = flags.get(key)
    return flag === undefined ? flagNotFound(fallback) : evaluate(flag, context, read)
  }

  return {
    metadata: { name: 'model-canary' },
    runsOn: 'server',
    events: emitter,
    async initialize() {
      stopAnnouncing() // OpenFeature may call it again, for example after a failed start
      stops = all.map((flag) => announceChanges(flag, emitter))
      if (start) await Promise.all(all.map(({ canary }) => canary.start()))
    },
    async onClose() {
      stopAnnouncing()
      if (close) await Promise.all(all.map(({ canary }) => canary.close()))
    },
    resolveStringEvaluation: async (key, fallback, context) =>
      resolve(key, fallback, context, ({ version }) => version),
    resolveBooleanEvaluation: async (key, fallback, context) =>
      resolve(key, fallback, context, ({ variant }) => variant === 'canary'),
    resolveObjectEvaluation: async <Value extends JsonValue>(
      key: string,
      fallback: Value,
      context: EvaluationContext,
    ) => resolve<JsonValue>(key, fallback, context, factsOf) as ResolutionDetails<Value>,
    resolveNumberEvaluation: async (key, fallback) =>
      flags.has(key) ? typeMismatch(fallback) : flagNotFound(fallback),
    track: (name, context, details) => book(all, trackedEvents, name, context, details),
  }
}

type Read<Value> = (assignment: Assignment) => Value

/** Returns the value of an object flag: the assignment, without members that are useful only in this process. */
function factsOf({ variant, version, weight, reason, epoch, step }: Assignment): JsonValue {
  return { variant, version, weight, reason, epoch, step }
}
