/** The instrumentation scope of everything measured here. */
export const METER_NAME = '@model-canary/opentelemetry'
