/** The labels of a series. */
export interface Labels {
  /** Names and values, in the order of output. */
  readonly pairs: readonly LabelPair[]
  /** The same as both formats write them, without the braces. */
  readonly text: string
  /** Returns these labels and one more. The result is kept, so that its text is written for the first scrape only. */
  and(name: string, value: string): Labels
}

/** The name and the value of a label. */
export type LabelPair = readonly [name: string, value: string]

/** How many longer labels are kept. The values of most labels are a closed set; classes and metrics may change. */
const MOST_KEPT = 1_000

/** Creates labels of these pairs. */
export function labelsOf(pairs: readonly LabelPair[]): Labels {
  let longer: Map<string, Map<string, Labels>> | undefined // most labels are the longest of their series
  let kept = 0

  const lengthened = (name: string, value: string): Labels => {
    if (longer === undefined || kept >= MOST_KEPT) {
      longer = new Map()
      kept = 0
    }
    const ofName = longer.get(name) ?? new Map<string, Labels>()
    const labels = labelsOf([...pairs, [name, value]])
    longer.set(name, ofName.set(value, labels))
    kept += 1
    return labels
  }

  return {
    pairs,
    text: pairs.map(([name, value]) => `${name}="${escapeValue(value)}"`).join(','),
    and: (name, value) => longer?.get(name)?.get(value) ?? lengthened(name, value),
  }
}

/** Returns a text with escaped backslashes and line feeds, as in the help of the 0.0.4 format. */
export const escapeText = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')

/** Returns a text that can be between double quotes. */
export const escapeValue = (text: string): string => escapeText(text).replaceAll('"', '\\"')
