import { type Defaults, flag, refuseUnknown, text } from '@model-canary/foundation'
import type { Attributes, Meter } from '@opentelemetry/api'
import { optionalWith } from './optional-with.js'

/** The longest name that becomes an attribute, in UTF-16 units. */
const LONGEST_NAME = 128

/** Receives evaluation events as log records: a `Logger` of `@opentelemetry/api` 1.10 or `@opentelemetry/api-logs`. */
export interface EventLogger {
  /** Emits one log record. */
  emit(record: { eventName?: string; attributes?: Attributes }): void
}

/** The attributes of a generative model's metrics. */
export interface GenerativeOptions {
  /** The kind of operation, as `gen_ai.operation.name`. @default 'chat' */
  readonly operation?: string
  /** The provider of the model, as `gen_ai.provider.name`: `openai`, or your own name. @default 'self_hosted' */
  readonly provider?: string
  /** The requested model, as `gen_ai.request.model`. @default the version that serves */
  readonly requestModel?: string
}

/** The options of {@link openTelemetryObserver}. */
export interface OpenTelemetryObserverOptions {
  /** The rollout's name, which is the flag's key. */
  readonly name: string
  /** The provider's name in evaluation events. @default 'model-canary' */
  readonly provider?: string
  /** Whether events contain a hash of the routing key. They never contain the key itself. @default true */
  readonly contextId?: boolean
  /** Receives the events as log records. @default they become events of the active span */
  readonly logger?: EventLogger
  /** The meter for all metrics. @default the global meter, read when the first request ends */
  readonly meter?: Meter
  /** Records no metrics. @default false */
  readonly spanOnly?: boolean
  /** Adds the `gen_ai.server.*` metrics. @default false */
  readonly generative?: boolean | GenerativeOptions
}

/** What an option is if it is not given. */
const OBSERVER_DEFAULTS = {
  provider: 'model-canary',
  contextId: true,
  spanOnly: false,
  generative: false,
} as const satisfies Defaults<OpenTelemetryObserverOptions>

/** What an option is if it is not given. */
const GENERATIVE_DEFAULTS = {
  operation: 'chat',
  provider: 'self_hosted',
} as const satisfies Defaults<GenerativeOptions>

/** The generative options with all defaults applied. */
export interface ResolvedGenerative {
  readonly operation: string
  readonly provider: string
  readonly requestModel: string | undefined
}

/** The options with all defaults applied. */
export interface ResolvedObserver {
  readonly name: string
  readonly provider: string
  readonly contextId: boolean
  readonly logger: EventLogger | undefined
  readonly meter: Meter | undefined
  readonly spanOnly: boolean
  readonly generative: ResolvedGenerative | undefined
}

/** Checks the options and applies the defaults. @throws `UNKNOWN_OPTION`, `INVALID_OPTION` */
export function resolveObserver(options: OpenTelemetryObserverOptions): ResolvedObserver {
  refuseUnknown('openTelemetryObserver', options, {
    name: 1,
    provider: 1,
    contextId: 1,
    logger: 1,
    meter: 1,
    spanOnly: 1,
    generative: 1,
  })
  const {
    name,
    provider = OBSERVER_DEFAULTS.provider,
    contextId = OBSERVER_DEFAULTS.contextId,
    logger,
    meter,
  } = options
  const { spanOnly = OBSERVER_DEFAULTS.spanOnly, generative } = options
  return Object.freeze({
    name: text('name', name, LONGEST_NAME),
    provider: text('provider', provider, LONGEST_NAME),
    contextId: flag('contextId', contextId),
    logger: optionalWith('logger', logger, ['emit']),
    meter: optionalWith('meter', meter, ['createCounter', 'createHistogram']),
    spanOnly: flag('spanOnly', spanOnly),
    generative: resolveGenerative(generative),
  })
}

function resolveGenerative(
  generative: boolean | GenerativeOptions = OBSERVER_DEFAULTS.generative,
): ResolvedGenerative | undefined {
  if (generative === false) return undefined
  const given = generative === true ? {} : generative
  refuseUnknown('generative', given, { operation: 1, provider: 1, requestModel: 1 })
  const { operation = GENERATIVE_DEFAULTS.operation, provider = GENERATIVE_DEFAULTS.provider, requestModel } = given
  return {
    operation: text('generative.operation', operation, LONGEST_NAME),
    provider: text('generative.provider', provider, LONGEST_NAME),
    requestModel: requestModel === undefined ? undefined : text('generative.requestModel', requestModel, LONGEST_NAME),
  }
}
