import { CanaryError } from '@model-canary/core'
import type { ByVariant } from '@model-canary/core/controller'
import type { Kube, KubeAddress, KubeObject } from '../kube/kube.js'
import { elementsOf, type Json, membersOf } from '../routes/json.js'
import type { SplitReading } from './read-split.js'

/** The subsets of the two arms, and the labels that they must select. */
export interface Subsets {
  readonly names: ByVariant<string>
  /** Labels of the pods of each version; the canary's are written, the baseline's only checked. */
  readonly labels: Partial<ByVariant<Readonly<Record<string, string>>>>
}

/** The DestinationRule behind a route, which defines the pods of the two destinations. */
export interface Footing {
  readonly address: KubeAddress
  /** The object, for messages. */
  readonly where: string
  /** Returns what both subsets of an object select, as JSON with sorted members. Pure. */
  selectedIn(object: KubeObject): string
  /**
   * Prepares the subsets for the canary's first share of an epoch, and returns what both select.
   *
   * The canary's subset gets other labels only while the canary has no traffic; with traffic, users would switch to
   * another version without a canary rollout. Rejects with `ROUTE_NOT_READY` and the `KUBE_*` codes.
   */
  prepare(reading: SplitReading, signal: AbortSignal): Promise<string>
  /** Reads what both subsets select now. */
  read(signal: AbortSignal): Promise<string>
}

/** Creates the footing of a split between two subsets. */
export function subsetFooting(kube: Kube, address: KubeAddress, { names, labels }: Subsets): Footing {
  const where = `DestinationRule ${address.namespace}/${address.name}`

  const refuse = (detail: string): never => {
    throw new CanaryError('ROUTE_NOT_READY', `${where} ${detail}`)
  }

  const check = (object: KubeObject): Json => {
    const subsets = subsetsOf(object)
    for (const variant of ['baseline', 'canary'] as const) {
      const found = subsets.filter(({ name }) => name === names[variant])
      if (found.length !== 1) refuse(`has ${found.length} subsets "${names[variant]}" for the ${variant}; it needs one`)
    }
    const selected = labelsOf(subsets, names.baseline)
    if (!selects(selected, labels.baseline))
      refuse(`has the baseline at ${show(selected)}, not ${show(labels.baseline)}`)
    return labelsOf(subsets, names.canary)
  }

  const selectedIn = (object: KubeObject): string => {
    const subsets = subsetsOf(object)
    const of = (name: string) => subsets.filter((subset) => subset.name === name).map(({ labels }) => inOrder(labels))
    return JSON.stringify({
      host: membersOf(object.spec).host,
      baseline: of(names.baseline),
      canary: of(names.canary),
    })
  }

  return {
    address,
    where,
    selectedIn,
    read: async (signal) => selectedIn(await kube.get(address, signal)),
    async prepare({ weight }, signal) {
      const object = await kube.get(address, signal)
      const selected = check(object)
      if (!selects(selected, labels.canary)) {
        if (weight !== 0)
          refuse(
            `has the canary at ${show(selected)}while it gets ${weight} % of the traffic; set its weight to 0 first`,
          )
        await kube.mergePatch(address, pointing(object, names.canary, labels.canary!), signal)
      }
      const seen = await kube.get(address, signal)
      if (!selects(check(seen), labels.canary))
        refuse('was pointed at the canary, but reads differently; check which other client writes it')
      const { observedGeneration } = membersOf(seen.status)
      const { generation } = seen.metadata
      if (Number(observedGeneration ?? generation) < Number(generation)) refuse('has not been observed by the mesh yet')
      return selectedIn(seen)
    },
  }
}

/** Returns the message for subsets that no longer select what they did at the canary's first share. */
export const pointedElsewhere = ({ where }: Footing, now: string, before: string): string =>
  `${where} leads to ${short(now)}; the canary got its first share with ${short(before)}, and somebody else has changed it.`

/** Returns a patch that sets the labels of the canary's subset. Its other labels and all other subsets are kept. */
function pointing(object: KubeObject, subset: string, labels: Readonly<Record<string, string>>): object {
  const subsets = subsetsOf(object).map((entry) =>
    entry.name === subset ? { ...entry, labels: { ...membersOf(entry.labels), ...labels } } : entry,
  )
  return { metadata: { resourceVersion: object.metadata.resourceVersion }, spec: { subsets } }
}

const subsetsOf = ({ spec }: KubeObject): readonly Json[] => elementsOf(membersOf(spec).subsets).map(membersOf)

const labelsOf = (subsets: readonly Json[], name: string): Json =>
  membersOf(subsets.find((subset) => subset.name === name)?.labels)

const selects = (selected: Json, wanted: Readonly<Record<string, string>> | undefined): boolean =>
  Object.entries(wanted ?? {}).every(([label, value]) => selected[label] === value)

const inOrder = (labels: unknown): Json =>
  Object.fromEntries(Object.entries(membersOf(labels)).sort(([a], [b]) => (a < b ? -1 : 1)))

const show = (labels: Json | undefined): string => short(JSON.stringify(labels))

const short = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text)
