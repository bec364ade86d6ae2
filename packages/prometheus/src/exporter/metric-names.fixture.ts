import { fullRollout } from './exporter.fixture.js'
import { prometheusExporter } from './exporter.js'
import { parseExposition } from './parse-exposition.fixture.js'

/** Every name of a sample that the exporter can write. */
export function exportedNames(): ReadonlySet<string> {
  const families = parseExposition(prometheusExporter(fullRollout()).render().body, 'text')
  return new Set(families.flatMap(({ samples }) => samples.map(({ name }) => name)))
}

/** The names of metrics of ours in an expression of PromQL, recorded ones as well. */
export function metricNamesIn(expression: string): readonly string[] {
  return expression.replace(/"[^"]*"/g, '""').match(/\bmodel_canary[a-zA-Z0-9_:]*/g) ?? []
}
