import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'

const part = (name: string) => import(`../src/judge/${name}.mjs`)
const { contestant, scenarioOf } = await part('line-up')
const { oracleExposure } = await part('oracle')
const { rowOf } = await part('row')
const { tableOf } = await part('table')
const report = (name: string) => import(`../src/judge/report/${name}.mjs`)
const { replaced } = await report('replaced')
const { writeReport } = await report('write')
const { percent, time } = await part('figures')

const rolledBack = { state: 'rolled-back', elapsedMs: 80_000, exposed: 160 }
const promoted = { state: 'promoted', elapsedMs: 330_000, exposed: 5_000, bakeFromMs: 255_000, tookMs: 700 }
const row = (scenario: string, judge: string, outcomes: readonly object[]) =>
  rowOf({ scenario: scenarioOf(scenario), judge: contestant(judge) }, outcomes)

const rows = [
  row('identical-1', 'evidence', [promoted, promoted]),
  row('identical-1', 'guide', [promoted, rolledBack]),
  row('plus-5', 'evidence', [rolledBack, rolledBack]),
  row('plus-5', 'guide', [promoted, promoted]),
  row('curve-0', 'evidence', [promoted]),
  row('curve-6', 'evidence', [rolledBack]),
  row('held-identical', 'evidence', [rolledBack, rolledBack, rolledBack]),
]

describe('the table', () => {
  it('shows how often a judge is wrong, in what it took, and whether that was the aim', () => {
    const lines = tableOf(rows).split('\n')
    expect(lines[1]).toMatch(/^identical-1 +good +evidence +2 +0 +0–84\.2 +100 +0 +330 s +330 s +75 s +0\.7 +reached$/)
    expect(lines[2]).toMatch(/guide +2 +50\.0 +1\.3–98\.7/)
    expect(lines[3]).toMatch(/plus-5 +bad +evidence +2 +0 +0–84\.2 +0 +0 +160 +160 +80 s +1\.6× +0\.0 +reached$/)
    expect(lines[4]).toMatch(/guide +2 +100 +15\.8–100 +100 +0 +– +– +– +– +0\.7$/)
    expect(lines[7]).toContain('CONTRADICTED: 100 % rolled back, ≤ 0.30 % rolled back')
  })

  it('has short figures', () => {
    expect([0, 0.003, 0.025, 1].map(percent)).toEqual(['0', '0.30', '2.5', '100'])
    expect([6_000, 330_000, 1_410_000, 14_040_000, Number.POSITIVE_INFINITY].map(time)).toEqual([
      '6 s',
      '330 s',
      '23.5 min',
      '3.9 h',
      '–',
    ])
  })
})

describe('a row', () => {
  const spike = (onsetWeight: number) =>
    row('spike-20', 'evidence', [{ ...rolledBack, sinceOnset: 40, onsetMs: 150_000, onsetWeight }]).oracle

  it('compares with an oracle at the weight that was in force when the harm began', () => {
    const at = (weight: number) => oracleExposure(scenarioOf('spike-20').oracle, { random: seededRandom(1), weight })
    expect(spike(25)).toBe(at(0.25))
    expect(spike(90)).toBe(at(0.9))
    expect(spike(90)).toBeGreaterThan(2 * spike(25))
  })

  it('tells how much of the time to the promotion was the bake', () => {
    const { promotionMs, bakeMs } = row('identical-1', 'evidence', [promoted])
    expect([promotionMs.median, bakeMs.median]).toEqual([330_000, 75_000])
  })
})

describe('the report', () => {
  it('goes between the markers of the page, and nowhere else', () => {
    const page = '# Statistics\n\n<!-- bench:judge -->\nold\n<!-- /bench:judge -->\n\nmore\n'
    expect(replaced(page, 'new', 'bench:judge')).toBe(
      '# Statistics\n\n<!-- bench:judge -->\n\nnew\n\n<!-- /bench:judge -->\n\nmore\n',
    )
    expect(replaced(replaced(page, 'x', 'bench:judge'), 'new', 'bench:judge')).toBe(
      replaced(page, 'new', 'bench:judge'),
    )
    expect(() => replaced('# Statistics\n', 'new', 'bench:judge')).toThrow('<!-- bench:judge -->')
  })

  it('writes tables and charts in which no figure is missing', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-report-'))
    try {
      for (const page of ['statistics.md', 'benchmark.md'])
        writeFileSync(join(folder, page), '<!-- bench:judge -->\n<!-- /bench:judge -->\n')
      const files: string[] = writeReport(folder, { rows, build: 'abc' })
      expect(files.map((file) => file.slice(folder.length + 1))).toEqual([
        'statistics.md',
        'benchmark.md',
        'charts/operating-characteristic.svg',
        'charts/exposure.svg',
        'charts/promotion-time.svg',
      ])
      for (const file of files) expect(readFileSync(file, 'utf8')).not.toMatch(/undefined|NaN|Infinity|\[object/)
      const [first, all] = files.slice(0, 2).map((file) => readFileSync(file, 'utf8').replace(/ +/g, ' '))
      expect(first).toContain('runs of build `abc`')
      expect(first).toContain('| identical, 1 % errors | 2 | 0 | 0–84.2 | 0 | 330 s / 330 s | 75 s |')
      expect(first).toContain('| +5 points | 2 | 0 | 0–84.2 | 80 s / 80 s | 160 / 160 |')
      expect(first).toContain('| situation | evidenceJudge() (2 runs) | the guides’ rule, 60 s/100 (2 runs) |')
      expect(first).not.toContain('3 classes')
      expect(all).toContain('| +5 points | bad | 2 | 0 | 0–84.2 | 160 / 160 | 80 s / 80 s | | 0 | 1.6× |')
      expect(all).toContain('| identical, 1 % errors | 0 | 50.0 |')
      expect(all).toContain('evidenceJudge() (2 to 3 runs)')
      expect(all).toContain('3 classes')
      expect(all).toContain('![exposure](charts/exposure.svg)')
      expect(readFileSync(files[2]!, 'utf8')).toMatch(/^<svg [^>]+role="img">\n<title>.+prefers-color-scheme:dark/s)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
