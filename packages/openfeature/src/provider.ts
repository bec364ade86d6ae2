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
 * Makes an OpenFeature provider of a canary, whose flag goes by its name, or of several by flag key.
 *
 * A string flag is the version, a boolean flag whether it is the canary, an object flag the assignment. The
 * targeting key is the routing key, the rest of the context the request's attributes. Evaluations count no
 * request; tracking events with a number become metrics of the version that the user was told of.
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
      stopAnnouncing() // set again after a failed start, for one
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

/** What an object flag holds: the decision, without what is only of use in this process. */
function factsOf({ variant, version, weight, reason, epoch, step }: Assignment): JsonValue {
  return { variant, version, weight, reason, epoch, step }
}
