import { type MeterProvider as ApiMeterProvider, context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  type DataPoint,
  type Histogram,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'

/** The real SDKs, kept in memory. */
export function createTelemetry() {
  const spans = new InMemorySpanExporter()
  const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }).getTracer('test')
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const meterProvider = new MeterProvider({ readers: [reader] })
  const contexts = new AsyncLocalStorageContextManager().enable()
  context.setGlobalContextManager(contexts)

  return {
    tracer,
    meterProvider: meterProvider as ApiMeterProvider,
    meter: meterProvider.getMeter('test'),
    /** Runs a call in its own span, and resolves to the span after it has ended. */
    inSpan: async (call: () => unknown): Promise<ReadableSpan> => {
      const { spanId } = await tracer.startActiveSpan('request', async (span) => {
        await call()
        span.end()
        return span.spanContext()
      })
      return spans.getFinishedSpans().find((span) => span.spanContext().spanId === spanId)!
    },
    /** Returns the current metrics, by name. */
    collect: async (): Promise<ReadonlyMap<string, MetricData>> => {
      exporter.reset()
      await meterProvider.forceFlush()
      const scopes = exporter.getMetrics().at(-1)?.scopeMetrics ?? []
      return new Map(scopes.flatMap((scope) => scope.metrics.map((metric) => [metric.descriptor.name, metric])))
    },
    stop: async (): Promise<void> => {
      context.disable()
      await meterProvider.shutdown()
    },
  }
}

/** Attributes and value of every point of a metric; of a histogram, its count and sum. */
export function pointsOf(metric: MetricData | undefined): readonly unknown[] {
  return ((metric?.dataPoints ?? []) as DataPoint<unknown>[]).map(({ attributes, value }) => {
    if (typeof value === 'number') return { ...attributes, value }
    const { count, sum } = value as { count: number; sum: number }
    return { ...attributes, count, sum }
  })
}

/** The bucket boundaries of a histogram. */
export function boundariesOf({ dataPoints }: MetricData): readonly number[] {
  return (dataPoints[0]!.value as Histogram).buckets.boundaries
}
