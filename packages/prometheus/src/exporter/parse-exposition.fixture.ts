// A strict reader of both exposition formats, written from their specifications and not from the writer.

/** A parsed family. */
export interface ParsedFamily {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly unit: string
  readonly samples: ParsedSample[]
}

/** A parsed sample; `labels` are in the order of the line. */
export interface ParsedSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export type ParsedFormat = 'text' | 'openmetrics'

/** The names of a family's samples, by its type. */
const SUFFIXES: Readonly<Record<ParsedFormat, Readonly<Record<string, readonly string[]>>>> = {
  text: {
    counter: [''],
    gauge: [''],
    untyped: [''],
    histogram: ['_bucket', '_count', '_sum'],
    summary: ['', '_count', '_sum'],
  },
  openmetrics: {
    counter: ['_total', '_created'],
    gauge: [''],
    unknown: [''],
    histogram: ['_bucket', '_count', '_sum', '_created'],
    summary: ['', '_count', '_sum', '_created'],
    info: ['_info'],
  },
}

const NUMBER = /^[+-]?(\d+(\.\d*)?(e[+-]?\d+)?|\.\d+(e[+-]?\d+)?|inf|nan)$/i
const LE = /^(\+Inf|-?\d+\.\d+|-?\d+(\.\d+)?e[+-]\d\d+)$/

/** Reads an exposition, or throws with the line that breaks a rule. */
export function parseExposition(text: string, format: ParsedFormat): readonly ParsedFamily[] {
  if (/\r/.test(text)) throw new Error('a carriage return')
  if (!text.isWellFormed()) throw new Error('not UTF-8')
  if (!text.endsWith(format === 'openmetrics' ? '\n# EOF\n' : '\n')) throw new Error('the end is missing')
  const lines = text.slice(0, -1).split('\n')
  if (format === 'openmetrics') lines.pop()
  const families: { name: string; type: string; help: string; unit: string; samples: ParsedSample[] }[] = []
  const seen = new Set<string>()
  for (const line of lines) {
    const [, key, name, rest] = line.match(/^# (HELP|TYPE|UNIT) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/) ?? []
    if (key === undefined) {
      const family = families.at(-1)
      const sample = parseSample(line)
      const isOwn = SUFFIXES[format][family?.type ?? '']?.some((suffix) => sample.name === `${family?.name}${suffix}`)
      if (!isOwn) throw new Error(`in no family: ${line}`)
      const series = `${sample.name} ${JSON.stringify(Object.entries(sample.labels).sort())}`
      if (seen.has(series)) throw new Error(`twice: ${line}`)
      seen.add(series)
      family!.samples.push(sample)
      continue
    }
    if (families.at(-1)?.name !== name) {
      if (families.some((family) => family.name === name)) throw new Error(`not in one piece: ${line}`)
      families.push({ name: name!, type: '', help: '', unit: '', samples: [] })
    }
    const family = families.at(-1)!
    const field = key.toLowerCase() as 'help' | 'type' | 'unit'
    if (family[field] !== '' || family.samples.length > 0) throw new Error(`out of place: ${line}`)
    family[field] = rest!
    if (field === 'type' && !(rest! in SUFFIXES[format])) throw new Error(`no type: ${line}`)
    if (field === 'unit' && !name!.endsWith(`_${rest}`)) throw new Error(`not a suffix: ${line}`)
    if (field === 'unit' && format === 'text') throw new Error(`no unit in this format: ${line}`)
  }
  for (const family of families) checkFamily(family, format)
  checkClashes(families, format)
  return families
}

function parseSample(line: string): ParsedSample {
  const [, name, inside, number] = line.match(/^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/) ?? []
  if (name === undefined || !NUMBER.test(number!)) throw new Error(`no sample: ${line}`)
  const labels: Record<string, string> = Object.create(null)
  let rest = inside ?? ''
  while (rest !== '') {
    const label = rest.match(/^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\[n"\\])*)"(,(?=.)|$)/)
    if (!label) throw new Error(`no label: ${rest}`)
    if (label[1]! in labels) throw new Error(`a label twice: ${line}`)
    labels[label[1]!] = label[2]!.replace(/\\(.)/g, (_, escaped) => (escaped === 'n' ? '\n' : escaped))
    rest = rest.slice(label[0].length)
  }
  return { name, labels, value: Number(number!.replace(/inf$/i, 'Infinity')) }
}

function checkFamily({ name, type, help, samples }: ParsedFamily, format: ParsedFormat): void {
  if (help === '') throw new Error(`${name} has no help`)
  for (const { name: sample, value } of samples) {
    const mayFall = type === 'gauge' || (format === 'text' && type === 'summary' && sample.endsWith('_sum'))
    if (!mayFall && !(value >= 0)) throw new Error(`${sample} is ${value}`)
    if (/_(bucket|count)$/.test(sample) && !Number.isInteger(value)) throw new Error(`${sample} is ${value}`)
    if (type === 'info' && value !== 1) throw new Error(`${sample} is ${value}`)
  }
  if (type === 'histogram') for (const metric of metricsOf(samples)) checkHistogram(name, metric)
  if (type === 'summary') metricsOf(samples)
}

/** The samples by their labels without `le`; those of one metric must stand together. */
function metricsOf(samples: readonly ParsedSample[]): readonly (readonly ParsedSample[])[] {
  const metrics = new Map<string, ParsedSample[]>()
  let last: string | undefined
  for (const sample of samples) {
    const { le: _, quantile: __, ...labels } = sample.labels
    const key = JSON.stringify(Object.entries(labels).sort())
    if (key !== last && metrics.has(key)) throw new Error(`${sample.name} stands among others`)
    metrics.set(key, [...(metrics.get(key) ?? []), sample])
    last = key
  }
  return [...metrics.values()]
}

function checkHistogram(name: string, samples: readonly ParsedSample[]): void {
  const buckets = samples.filter((sample) => sample.name === `${name}_bucket`)
  const edges = buckets.map(({ labels }) => labels.le ?? '')
  if (edges.some((le) => !LE.test(le))) throw new Error(`${name} has an edge that is no canonical float: ${edges}`)
  const values = edges.map((le) => Number(le.replace('+Inf', 'Infinity')))
  const isRising = values.every((value, at) => at === 0 || value > values[at - 1]!)
  const isCumulative = buckets.every(({ value }, at) => at === 0 || value >= buckets[at - 1]!.value)
  const count = samples.find((sample) => sample.name === `${name}_count`)?.value
  const isWhole = values.at(-1) === Number.POSITIVE_INFINITY && buckets.at(-1)?.value === count
  if (!isRising || !isCumulative || !isWhole) throw new Error(`${name} is no histogram`)
}

/** No family may have a sample name that another family's type could have. */
function checkClashes(families: readonly ParsedFamily[], format: ParsedFormat): void {
  const owners = new Map<string, string>()
  for (const { name, type } of families) {
    for (const suffix of SUFFIXES[format][type]!) {
      const sample = `${name}${suffix}`
      if (owners.has(sample)) throw new Error(`${sample} may be of ${name} and of ${owners.get(sample)}`)
      owners.set(sample, name)
    }
  }
}
