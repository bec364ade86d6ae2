import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const part = (name: string) => import(`../src/judge/report/${name}.mjs`)
const { evidenceOverTime } = await part('evidence')
const { evidencePath } = await part('evidence-path')
const { evidencePicture } = await part('evidence-picture')

const FILE = join(import.meta.dirname, '../../../docs/charts/evidence.svg')
const HOW = 'draw it again: npm run --prefix packages/bench bench:picture'

/** The text without its numbers, and the numbers. */
const partsOf = (svg: string) => ({
  words: svg.replace(/-?\d+(\.\d+)?/g, '#').replace(/(#,# ?)+/g, '#'),
  numbers: (svg.match(/-?\d+(\.\d+)?/g) ?? []).map(Number),
})

describe('the picture of the evidence', () => {
  it('is what the judge does now', async () => {
    const now = partsOf(await evidencePicture())
    const kept = partsOf(readFileSync(FILE, 'utf8'))
    expect(kept.words, HOW).toBe(now.words)
    expect(kept.numbers, HOW).toHaveLength(now.numbers.length)
    const far = now.numbers.filter((number, at) => Math.abs(number - kept.numbers[at]!) > 0.5)
    expect(far, HOW).toEqual([])
  }, 30_000)

  it('shows each step as long as it lasted, and how the rollout ended', async () => {
    const path = await evidencePath({ errorRate: 0.2, seed: 1 })
    expect(path.state).toBe('rolled-back')
    const svg: string = evidenceOverTime([{ title: 'a & b', path }])
    expect(svg).toContain('a &#38; b')
    expect(svg).toContain('>2 %</text>')
    expect(svg).not.toContain('>25 %</text>')
    expect(svg).toContain('>rolled back</text>')
    expect(svg).not.toMatch(/undefined|NaN|Infinity/)
    expect(path.points.at(-1).harm).toBeGreaterThanOrEqual(20)
    expect(path.points[0].weight).toBe(2)
  }, 30_000)

  it('is readable on light and dark ground', () => {
    expect(readFileSync(FILE, 'utf8')).toContain('prefers-color-scheme:dark')
  })
})
