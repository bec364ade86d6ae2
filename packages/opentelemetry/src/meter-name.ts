/** The instrumentation scope of all metrics of this package. */
export const METER_NAME = '@model-canary/opentelemetry'
