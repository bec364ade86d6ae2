import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { realServer } from '@model-canary/real-servers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { exportedNames, metricNamesIn } from '../src/exporter/metric-names.fixture.js'

interface Panel {
  readonly id: number
  readonly title: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly datasource: { readonly uid: string }
  readonly targets: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[]
}

interface Dashboard {
  readonly panels: readonly Panel[]
  readonly annotations: { readonly list: readonly { readonly expr: string }[] }
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] }
}

const file = new URL('../dashboards/model-canary.json', import.meta.url)
const { panels, annotations, templating } = JSON.parse(readFileSync(file, 'utf8')) as Dashboard
const expressions = [...panels.flatMap(({ targets }) => targets), ...annotations.list].map(({ expr }) => expr)

describe('the dashboard', () => {
  it('has variables for the data source and the rollout', () => {
    expect(templating.list.map(({ name }) => name)).toEqual(['datasource', 'rollout'])
    const sources = panels.flatMap(({ datasource, targets }) => [
      datasource,
      ...targets.map((target) => target.datasource),
    ])
    expect(new Set(sources.map(({ uid }) => uid))).toEqual(new Set(['$'.concat('{datasource}')]))
  })

  it('uses only series that the exporter writes', () => {
    const known = exportedNames()
    const asked = [...expressions, ...templating.list.flatMap(({ definition }) => definition ?? [])].flatMap(
      metricNamesIn,
    )
    expect(asked.filter((name) => !known.has(name))).toEqual([])
    expect(new Set(asked).size).toBeGreaterThan(15)
  })

  it('limits every expression to the chosen rollout', () => {
    for (const expr of expressions) {
      const selectors = expr.match(/model_canary\w*(\{[^}]*\})?/g) ?? []
      expect(selectors.filter((selector) => !selector.includes('rollout="$rollout"'))).toEqual([])
    }
  })

  it('has panels that do not overlap, each with an id of its own', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true)
  })
})

realServer({ describe, it }, ['promtool'], 'the dashboard, in promtool', (promtool) => {
  it('has only expressions that parse', () => {
    const rules = expressions.map((expr, at) => ({ record: `panel:${at}`, expr: withoutVariables(expr) }))
    const folder = mkdtempSync(join(tmpdir(), 'dashboard-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const rulesFile = join(folder, 'rules.yml')
    writeFileSync(rulesFile, JSON.stringify({ groups: [{ name: 'dashboard', rules }] })) // JSON is YAML
    const said = execFileSync(promtool!, ['check', 'rules', rulesFile], { encoding: 'utf8', stdio: 'pipe' })
    expect(said).toContain(`${rules.length} rules found`)
  })
})

function withoutVariables(expr: string): string {
  return expr.replaceAll('$__rate_interval', '5m').replaceAll('$__interval', '1m').replaceAll('$rollout', 'sentiment')
}
