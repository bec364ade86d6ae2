import { readFileSync } from 'node:fs'
import { createCanary } from '@model-canary/core'
import { prometheusExporter } from '@model-canary/prometheus'
import { expect, it } from 'vitest'

/** The codes that `docs/errors.md` calls counted. */
function countedCodes(): readonly string[] {
  const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8')
  return page.split('\n### ').flatMap((section) => (section.includes('_Counted') ? [section.split('\n')[0]!] : []))
}

it('exports every code that is counted as 0 from the first scrape', () => {
  const canary = createCanary({ name: 'sentiment', versions: { baseline: 'v1', canary: 'v2' } })
  const { body } = prometheusExporter(canary).render()
  const zeros = [...body.matchAll(/^model_canary_internal_errors_total\{.*code="(\w+)".*\} 0$/gm)].map(
    ([, code]) => code,
  )
  const counted = countedCodes()
  expect(counted.length).toBeGreaterThan(20)
  expect(zeros).toEqual(counted.toSorted())
})
