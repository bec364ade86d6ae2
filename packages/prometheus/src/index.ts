// The public surface. Every export is named here; nothing is public by accident.

// error codes
export { PROMETHEUS_ERROR_CODES } from './error-codes.js'
// exporter
export type { ExportedCanary, ExportedRollout } from './exporter/exported-rollout.js'
export { type PrometheusExporter, type PrometheusExporterOptions, prometheusExporter } from './exporter/exporter.js'
export type { RenderedMetrics } from './exporter/handler.js'
export type { ClientRegistry } from './exporter/register.js'
// source
export type {
  ArmQueries,
  CounterQuery,
  DurationQueries,
  MomentQueries,
  PredictionQueries,
} from './source/arm-queries.js'
export { type ExporterQueriesOptions, exporterQueries } from './source/exporter-queries.js'
export { type IstioQueriesOptions, istioQueries } from './source/istio-queries.js'
export { type PrometheusSource, prometheusSource } from './source/prometheus-source.js'
export type { QueryHeaders } from './source/query-api.js'
export type { PrometheusSourceOptions } from './source/source-options.js'
