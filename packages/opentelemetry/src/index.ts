export { openTelemetryObserver } from './observer.js'
export type { EventLogger, GenerativeOptions, OpenTelemetryObserverOptions } from './observer-options.js'
export { type ObservedRollout, type OpenTelemetryMetricsOptions, openTelemetryMetrics } from './rollout-metrics.js'
