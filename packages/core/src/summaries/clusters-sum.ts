import { createCellBatch } from './cell-batch.js'
import { CLUSTER_COUNT, type Clusters } from './clusters.js'
import { CLASS_ROWS } from './counts-by-place.js'
import { createNameTable } from './name-table.js'
import { CLUSTER_LISTS, readClusters } from './packed-clusters.js'
import { createTextReader } from './text-reader.js'

/** Options of a sum of packed clusters. */
export interface ClustersSumOptions {
  /** The labels that an earlier sum kept. With them, counts do not fall when another process goes on with the sum. */
  readonly labels?: readonly string[]
}

/** The sum of the packed clusters of several processes. */
export interface ClustersSum {
  /** Adds packed clusters. Returns false, and changes nothing, if they cannot be read. It never throws. */
  add(text: string): boolean
  /** Returns the sum, as `mergeClusters` would give it; `null` if nothing was added. */
  clusters(): Required<Clusters> | null
  /** Begins a new sum. The labels stay. */
  clear(): void
  /** Returns the labels with a list of their own: the first twelve that came. */
  labels(): readonly string[]
}

/** Creates an empty sum. */
export function createClustersSum({ labels = [] }: ClustersSumOptions = {}): ClustersSum {
  const kept = createNameTable(CLASS_ROWS, labels.slice(0, CLASS_ROWS))
  const lists = CLUSTER_LISTS.map(() => new Float64Array(CLUSTER_COUNT))
  const rows = Array.from({ length: CLASS_ROWS + 1 }, () => new Float64Array(CLUSTER_COUNT)) // the last is not read
  const seen = new Set<number>()
  const reader = createTextReader()
  const batch = createCellBatch(CLUSTER_COUNT)
  let isEmpty = true
  const sumOf = (name: (typeof CLUSTER_LISTS)[number]['name']): readonly number[] =>
    Array.from(lists[CLUSTER_LISTS.findIndex((list) => list.name === name)]!)
  return {
    add(text) {
      const read = readClusters(reader, batch, text)
      if (read === undefined) return false
      read.lists.forEach((list, at) => {
        addTo(lists[at]!, list)
      })
      read.labels.forEach((label, at) => {
        const slot = kept.slotOf(label)
        seen.add(slot)
        addTo(rows[slot]!, read.rows[at]!)
      })
      isEmpty = false
      return true
    },
    clusters() {
      if (isEmpty) return null
      return {
        finished: sumOf('finished'),
        answered: sumOf('answered'),
        errors: sumOf('errors'),
        timeouts: sumOf('timeouts'),
        aborted: sumOf('aborted'),
        decided: sumOf('decided'),
        unanswered: sumOf('unanswered'),
        latencyMs: sumOf('latencyMs').map((us) => us / 1_000),
        predictions: kept.rising
          .filter((slot) => seen.has(slot))
          .map((slot) => [kept.names[slot]!, Array.from(rows[slot]!)] as const),
        predicted: sumOf('predicted'),
      }
    },
    clear() {
      for (const list of [...lists, ...rows]) list.fill(0)
      seen.clear()
      isEmpty = true
    },
    labels: () => [...kept.names],
  }
}

function addTo(sum: Float64Array, list: readonly number[]): void {
  for (let place = 0; place < sum.length; place++) sum[place]! += list[place]!
}
