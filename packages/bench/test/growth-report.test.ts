import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const part = (name: string) => import(`../src/growth/${name}.mjs`)
const { SITUATIONS } = await part('situations')
const report = (name: string) => import(`../src/growth/report/${name}.mjs`)
const { growthChart } = await report('chart')
const { heapOf, mib } = await report('figures')
const { tablesOf } = await report('table')

const ROOT = join(import.meta.dirname, '../../..')
const kept = JSON.parse(readFileSync(join(ROOT, 'packages/bench/growth.json'), 'utf8'))
const HOW = 'write them again: npm run --prefix packages/bench bench:growth -- --kept'

describe('the section on growth', () => {
  it('has the kept figures of each situation', () => {
    expect(Object.keys(kept)).toEqual(Object.keys(SITUATIONS))
    const page = readFileSync(join(ROOT, 'docs/performance.md'), 'utf8')
    expect(page, HOW).toContain(`<!-- bench:growth -->\n\n${tablesOf(kept)}\n\n<!-- /bench:growth -->`)
  })

  it('has a picture of the kept figures, readable on light and dark ground', () => {
    const svg = readFileSync(join(ROOT, 'docs/charts/growth.svg'), 'utf8')
    expect(svg, HOW).toBe(growthChart(kept))
    expect(svg).toContain('prefers-color-scheme:dark')
    expect(svg).not.toMatch(/undefined|NaN|Infinity/)
  })
})

describe('its figures', () => {
  const marks = [0, 1, 3, 2].map((moreMiB, at) => ({ requests: 10 * at, seconds: 100 + 10 * at, moreMiB }))

  it('tell the range of the heap, and its trend over the whole run', () => {
    const { trend, ...range } = heapOf({ marks })
    expect(range).toEqual({ least: 0, most: 3, last: 2 })
    expect(trend).toBeCloseTo(2.4, 10) // a slope of 0.8 between two marks
  })

  it('have a sign, but for nothing', () => {
    expect([0.004, -0.004, 0.5, -1.25].map(mib)).toEqual(['0', '0', '+0.50', '−1.25'])
  })
})
