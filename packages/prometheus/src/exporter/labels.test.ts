import { describe, expect, it } from 'vitest'
import { labelsOf } from './labels.js'

describe('labels', () => {
  it('are pairs, and the same as text', () => {
    const labels = labelsOf([['rollout', 'a']]).and('variant', 'canary')
    expect(labels.pairs).toEqual([
      ['rollout', 'a'],
      ['variant', 'canary'],
    ])
    expect(labels.text).toBe('rollout="a",variant="canary"')
  })

  it('escape what could end a value or a line', () => {
    expect(labelsOf([['class', 'a "b"\n\\n']]).text).toBe('class="a \\"b\\"\\n\\\\n"')
  })

  it('are the same object for the same further label, and another one for any other', () => {
    const labels = labelsOf([['rollout', 'a']])
    const longer = labels.and('class', 'x')
    expect(labels.and('class', 'x')).toBe(longer)
    expect(labels.and('class', 'y').text).toBe('rollout="a",class="y"')
    expect(labels.and('metric', 'x').text).toBe('rollout="a",metric="x"')
    expect(labelsOf([['rollout', 'b']]).and('class', 'x').text).toBe('rollout="b",class="x"')
    expect(longer.and('class', 'x').text).toBe('rollout="a",class="x",class="x"')
  })

  it('do not keep all values that a label ever had', () => {
    const labels = labelsOf([])
    const first = labels.and('class', 'first')
    for (let n = 0; n < 999; n++) labels.and(n % 2 === 0 ? 'class' : 'metric', `${n}`)
    expect(labels.and('class', 'first')).toBe(first)
    labels.and('class', 'one too many')
    expect(labels.and('class', 'first')).not.toBe(first)
    expect(labels.and('class', 'first').text).toBe('class="first"')
  })
})
