import type { Decision } from '@model-canary/core'
import { DECISIONS_LOADED, type Records, type RecordWrite } from '@model-canary/core/controller'
import type { Faults } from './fault.fixture.js'
import { memoryPlace } from './memory-place.fixture.js'
import type { StorePlace } from './place.js'

/** Changes what is read. */
const reading = (change: (records: Records) => Records): StorePlace =>
  memoryPlace(({ store }) => ({
    load: async (signal) => {
      const records = await store.load(signal)
      return records && change(records)
    },
  }))

/** Changes what is written. */
const writing = (change: (given: RecordWrite, stored: Records | undefined) => RecordWrite): StorePlace =>
  memoryPlace(({ store }) => ({
    write: async (given, signal) => store.write(change(given, await store.load(signal)), signal),
  }))

/** Answers some writes with `moved`. */
const refusing = (isRefused: (given: RecordWrite, stored: Records) => boolean): StorePlace =>
  memoryPlace(({ store }) => ({
    async write(given, signal) {
      const stored = await store.load(signal)
      if (stored === undefined || !isRefused(given, stored)) return store.write(given, signal)
      return { kind: 'moved', head: stored.head }
    },
  }))

/** Compares first and writes then, so that another process may write in between. */
function racing(isDangerous: (expect: string | null) => boolean): StorePlace {
  let before: Promise<unknown> = Promise.resolve()
  return memoryPlace(({ store }) => ({
    async write(change, signal) {
      const tagOf = async () => (await store.load(signal))?.head.tag ?? null
      if (!isDangerous(change.expect) || (await tagOf()) !== change.expect) return store.write(change, signal)
      const written = before.then(async () => store.write({ ...change, expect: await tagOf() }, signal))
      before = written
      return written
    },
  }))
}

/** Loses a body that a write leaves out. */
function losesBodies(): StorePlace {
  const without = new Set<string>()
  return memoryPlace(({ store }) => ({
    write(change, signal) {
      if (change.body === undefined) without.add(change.head.tag)
      return store.write(change, signal)
    },
    async load(signal) {
      const records = await store.load(signal)
      return records && without.has(records.head.tag) ? { ...records, body: null } : records
    },
  }))
}

/** Keeps what it read until it writes. */
const readsOnce = (): StorePlace =>
  memoryPlace(({ store }) => {
    let loaded: Records | undefined
    return {
      load: async (signal) => (loaded ??= await store.load(signal)),
      async write(change, signal) {
        const answer = await store.write(change, signal)
        if (answer.kind === 'written') loaded = undefined
        return answer
      },
    }
  })

/** A store that appends decisions by itself. */
const appending = (
  append: (
    history: readonly Decision[],
    decisions: readonly Decision[],
    answer: 'refused' | 'repeated' | 'written',
  ) => readonly Decision[],
  load: (history: readonly Decision[]) => readonly Decision[] = (history) => history.slice(-DECISIONS_LOADED),
): StorePlace => {
  let history: readonly Decision[] = []
  return memoryPlace(({ store }) => ({
    load: async (signal) => {
      const records = await store.load(signal)
      return records && { ...records, history: load(history) }
    },
    async write({ decisions = [], ...change }, signal) {
      const isRepeated = (await store.load(signal))?.head.tag === change.head.tag
      const answer = await store.write(change, signal)
      history = append(history, decisions, answer.kind !== 'written' ? 'refused' : isRepeated ? 'repeated' : 'written')
      return answer
    },
  }))
}

/** Returns the object of the load before if nothing was written since. */
function loadsOneObject(): StorePlace {
  const loaded = new Map<string, Records>()
  return reading((records) => {
    const text = JSON.stringify(records)
    loaded.set(text, loaded.get(text) ?? records)
    return loaded.get(text)!
  })
}

/** The faults in what is kept, and in which writes are taken. */
export const BROKEN_WRITES = {
  'has a fleet, unless the contract is told otherwise': [
    'has no fleet',
    () => memoryPlace(() => ({ fleet: undefined as never })),
    'all rules about fleets',
  ],
  'has nothing stored at first': [
    'resolves to null where nothing is stored',
    () => memoryPlace(({ store }) => ({ load: async (signal) => (await store.load(signal)) ?? (null as never) })),
    ['takes a first write only if it expects nothing', 'refuses to keep a body under another head'],
  ],
  'takes a first write only if it expects nothing': [
    'takes every first write',
    () => writing((given, stored) => (stored === undefined ? { ...given, expect: null } : given)),
  ],
  'returns what was written, as JSON': [
    'keeps members that JSON leaves out',
    () =>
      reading(({ body, ...records }) => {
        if (typeof body?.evidence !== 'object') return { ...records, body }
        return { ...records, body: { ...body, evidence: { ...body.evidence, leftOut: undefined } } }
      }),
  ],
  'takes a body as large as controllers store by default': [
    'cuts what is large',
    () =>
      reading(({ body, ...records }) => {
        if (typeof body?.evidence !== 'string') return { ...records, body }
        return { ...records, body: { ...body, evidence: body.evidence.slice(0, 65_536) } }
      }),
  ],
  'keeps a copy that nobody else can change': ['returns the same object twice', loadsOneObject],
  'has no body until one is written': [
    'returns an empty body that was not written',
    () => reading((records) => ({ ...records, body: records.body ?? ({} as never) })),
  ],
  'keeps the body where a write leaves it out': [
    'loses a body that is left out',
    losesBodies,
    ['refuses a write over another tag, and changes nothing'],
  ],
  'refuses a write over another tag, and changes nothing': [
    'compares tags regardless of the case',
    () =>
      writing((given, stored) => {
        const tag = stored?.head.tag
        return given.expect?.toLowerCase() === tag?.toLowerCase() ? { ...given, expect: tag ?? null } : given
      }),
  ],
  'compares tags, not revisions': [
    'takes rising revisions only',
    () => refusing(({ head }, stored) => head.rev < stored.head.rev),
  ],
  'answers a repeated write as before, and changes nothing': [
    'refuses a repeated write',
    () => refusing(({ head }, stored) => head.tag === stored.head.tag),
    ['answers a repeated write as before, also after the lease has passed on'],
  ],
  'keeps odd names and tags': [
    'trims names',
    () => writing((given) => ({ ...given, head: { ...given.head, name: given.head.name.trim() } })),
  ],
  'shows every process what another one wrote': [
    'reads again only after a write of its own',
    readsOnce,
    ['keeps a copy that nobody else can change'],
  ],
  'takes one of ten first writes at the same moment': [
    'compares and then writes, while nothing is stored',
    () => racing((expect) => expect === null),
  ],
  'takes one of ten writes over the same tag at the same moment': [
    'compares and then writes, once something is stored',
    () => racing((expect) => expect !== null),
  ],
  'appends decisions to those of earlier writes': [
    'keeps the decisions of the latest write that has some',
    () =>
      appending((history, decisions, answer) => (answer === 'written' && decisions.length > 0 ? decisions : history)),
    ['appends the decisions of a repeated write once', 'returns the latest 100 of many decisions, oldest first'],
  ],
  'appends the decisions of a repeated write once': [
    'appends the decisions of a repeated write again',
    () => appending((history, decisions, answer) => (answer === 'refused' ? history : [...history, ...decisions])),
  ],
  'appends no decision of a refused write': [
    'appends decisions before it compares',
    () => appending((history, decisions, answer) => (answer === 'repeated' ? history : [...history, ...decisions])),
    [
      'refuses a write with a lease that nobody has, and changes nothing',
      'refuses a write with a lease that ran out, and changes nothing',
      'refuses a write with a lease that was returned, and changes nothing',
      'refuses a write with an earlier lease of the same process, and changes nothing',
      'refuses a write with the lease of another process, and changes nothing',
      'takes one of ten first writes at the same moment',
      'takes one of ten writes over the same tag at the same moment',
    ],
  ],
  'returns the latest 100 of many decisions, oldest first': [
    'returns the first decisions',
    () =>
      appending(
        (history, decisions, answer) => (answer === 'written' ? [...history, ...decisions] : history),
        (history) => history.slice(0, DECISIONS_LOADED),
      ),
  ],
} as const satisfies Faults
