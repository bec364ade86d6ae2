import { describe, expect, it } from 'vitest'
import { openMetricsFormat, textFormat } from './exposition.js'
import { formatFor } from './negotiate.js'

describe('the format for an Accept header', () => {
  it.each([
    ['application/openmetrics-text'],
    ['application/openmetrics-text; version=1.0.0'],
    ['Application/OpenMetrics-Text; Version="1.0.0"'],
    // Prometheus 2.42
    [
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    ],
    // Prometheus 3
    [
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
    ],
    ['text/plain, application/openmetrics-text'],
  ])('is OpenMetrics for %s', (accept) => {
    expect(formatFor(accept)).toBe(openMetricsFormat)
  })

  it.each([
    [undefined],
    [''],
    ['*/*'],
    ['text/html,application/xhtml+xml,*/*;q=0.8'],
    ['text/plain;version=0.0.4'],
    ['application/openmetrics-text;version=0.0.1'],
    ['application/openmetrics-text;version=2.0.0, text/plain;q=0.1'],
    ['application/openmetrics-text;q=0'],
    ['application/openmetrics-text;q=0.4, text/plain;q=0.5'],
    ['application/openmetrics-text;q=0.4, text/*'],
    ['application/openmetrics-text;q=nonsense'],
    ['application/vnd.google.protobuf'],
    [',;,q=;='],
  ])('is text for %s', (accept) => {
    expect(formatFor(accept)).toBe(textFormat)
  })
})
