import { flag, refuseUnknown, text } from '@model-canary/foundation'
import type { Attributes, Meter } from '@opentelemetry/api'
import { optionalWith } from './optional-with.js'

/** The longest name that becomes an attribute, in UTF-16 units. */
const LONGEST_NAME = 128

/** Where evaluation events go as log records: a `Logger` of `@opentelemetry/api` 1.10, or of `@opentelemetry/api-logs`. */
export interface EventLogger {
  emit(record: { eventName?: string; attributes?: Attributes }): void
}

/** What the metrics of a generative model are labelled with. */
export interface GenerativeOptions {
  /** What the model is asked for, as `gen_ai.operation.name`. @default 'chat' */
  readonly operation?: string
  /** Who runs the model, as `gen_ai.provider.name`: `openai`, or a name of your own. @default 'self_hosted' */
  readonly provider?: string
  /** The model that is asked for, as `gen_ai.request.model`. @default the version that serves */
  readonly requestModel?: string
}

/** What an observer takes. */
export interface OpenTelemetryObserverOptions {
  /** The rollout's name, which is the flag's key. */
  readonly name: string
  /** The provider's name in evaluation events. @default 'model-canary' */
  readonly provider?: string
  /** Whether events carry a hash of the routing key; never the key itself. @default true */
  readonly contextId?: boolean
  /** Takes the events as log records; without one they are events of the active span. */
  readonly logger?: EventLogger
  /** @default the global one, asked for when the first request ends */
  readonly meter?: Meter
  /** Leaves all metrics out. @default false */
  readonly spanOnly?: boolean
  /** Adds the `gen_ai.server.*` metrics. @default false */
  readonly generative?: boolean | GenerativeOptions
}

/** The labels of a generative model with every default filled in. */
export interface ResolvedGenerative {
  readonly operation: string
  readonly provider: string
  readonly requestModel: string | undefined
}

/** The options with every field present. */
export interface ResolvedObserver {
  readonly name: string
  readonly provider: string
  readonly contextId: boolean
  readonly logger: EventLogger | undefined
  readonly meter: Meter | undefined
  readonly spanOnly: boolean
  readonly generative: ResolvedGenerative | undefined
}

/** Past this line every option is present and valid. */
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
  const { name, provider = 'model-canary', contextId = true, logger, meter, spanOnly = false, generative } = options
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

function resolveGenerative(generative: boolean | GenerativeOptions = false): ResolvedGenerative | undefined {
  if (generative === false) return undefined
  const given = generative === true ? {} : generative
  refuseUnknown('generative', given, { operation: 1, provider: 1, requestModel: 1 })
  const { operation = 'chat', provider = 'self_hosted', requestModel } = given
  return {
    operation: text('generative.operation', operation, LONGEST_NAME),
    provider: text('generative.provider', provider, LONGEST_NAME),
    requestModel: requestModel === undefined ? undefined : text('generative.requestModel', requestModel, LONGEST_NAME),
  }
}
