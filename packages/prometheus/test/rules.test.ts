import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { realServer } from '@model-canary/real-servers'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { exportedNames, metricNamesIn } from '../src/exporter/metric-names.fixture.js'

interface Rule {
  readonly record?: string
  readonly alert?: string
  readonly expr: string
}

const pathOf = (name: string) => fileURLToPath(new URL(`../rules/${name}`, import.meta.url))
const read = (name: string) => readFileSync(pathOf(name), 'utf8')
const { groups } = parse(read('model-canary.rules.yml')) as { groups: readonly { rules: readonly Rule[] }[] }
const rules = groups.flatMap((group) => group.rules)
const tests = read('model-canary.test.yml')

describe('the rules', () => {
  it('use only series that the exporter writes or that they recorded', () => {
    const known = new Set(exportedNames())
    const asked: string[] = []
    for (const { record, expr } of rules) {
      const names = metricNamesIn(expr)
      expect(names.filter((name) => !known.has(name))).toEqual([])
      asked.push(...names)
      if (record !== undefined) known.add(record)
    }
    expect(asked.length).toBeGreaterThan(12)
  })

  it('alert on everything that needs a person', () => {
    expect(rules.flatMap(({ alert }) => alert ?? [])).toEqual([
      'CanaryRolledBack',
      'CanaryStalled',
      'CanaryNoData',
      'CanaryMetricsSourceFailing',
      'CanaryInternalErrors',
      'CanaryWeightDrifted',
    ])
  })

  it.each(rules.flatMap(({ alert }) => alert ?? []))(
    'have a test in which %s fires, and one in which it does not',
    (alert) => {
      const cases = (parse(tests) as { tests: { alert_rule_test?: { alertname: string; exp_alerts: unknown[] }[] }[] })
        .tests
      const counts = cases
        .flatMap(({ alert_rule_test = [] }) => alert_rule_test)
        .filter(({ alertname }) => alertname === alert)
        .map(({ exp_alerts }) => exp_alerts.length)
      expect(new Set(counts)).toEqual(new Set([0, 1]))
    },
  )
})

realServer({ describe, it }, ['promtool'], 'the rules, in promtool', (promtool) => {
  it('are well formed', () => {
    expect(run(promtool!, ['check', 'rules', '--lint-fatal', pathOf('model-canary.rules.yml')])).toContain('SUCCESS')
  })

  it('pass their tests', () => {
    expect(run(promtool!, ['test', 'rules', pathOf('model-canary.test.yml')])).toContain('SUCCESS')
  })
})

/** Returns its output; throws an error with the output if the program fails. */
function run(command: string, args: readonly string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: 'pipe' })
}
