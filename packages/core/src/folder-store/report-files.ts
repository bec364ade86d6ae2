import { randomUUID } from 'node:crypto'
import { CanaryError } from '../foundation/errors.js'
import type { Fleet, Member, PackedReport, Report, SeenMember } from '../rollout/fleet.js'
import { type Head, textOfVisit, type Visit } from '../rollout/records.js'
import { fileNameOf } from './checked-text.js'
import type { LocalFolder } from './local-folder.js'

/** The most reports that one `collect` returns. */
const MOST_COLLECTED = 500

/** The most processes of one stay. */
const MOST_REPORTS = 20_000

/** The most stays, and epochs, that are kept. */
const MOST_STAYS = 16

/** The age from which a member is no longer listed, and from which its file is removed, in milliseconds. */
const MEMBER_MS = 60_000
const MEMBER_KEPT_MS = 3_600_000

const MEMBER = /^[0-9a-f]{32}$/
const REPORT = /^([0-9a-f]{32})\.(\d{1,16})$/

/** The number of the latest report of each process of a stay, and the turn in which it was first seen here. */
type Seen = Map<string, { readonly seq: number; readonly turn: number }>

/**
 * Creates the reports in a folder. Each process has one file in each stay, whose name has the number of its latest
 * report, so that a list of names says what has changed.
 */
export function createReports(
  folder: LocalFolder,
  headNow: () => Promise<Head | null>,
): Pick<Fleet, 'publish' | 'collect' | 'members'> {
  const reader = randomUUID()
  const stays = new Map<string, Seen>()
  let turn = 0

  return {
    publish: (report, knownTag) =>
      folder.use(async () => {
        const file = fileNameOf(report.id)
        await keepReport(folder, file, report)
        await keepMember(folder, `members/${file}`, report)
        const lives = await countLife(folder, `lives/${report.epoch}`, file)
        const head = await headNow()
        return (head?.tag ?? null) === knownTag ? { lives } : { lives, head }
      }),
    collect: (visit, cursor) =>
      folder.use(async () => {
        const stay = stayOf(visit)
        const seen = entryOf(stays, stay)
        for (const [file, seq] of await latestReports(folder, stay)) {
          if (seen.get(file)?.seq === seq) continue
          seen.delete(file) // the map is in the order of the turns
          seen.set(file, { seq, turn: (turn += 1) })
        }
        const [from, after] = cursor.split(' ')
        const since = from === reader ? Number(after) : 0
        const news = [...seen].filter(([, one]) => one.turn > since)
        const page = news.slice(0, MOST_COLLECTED)
        const reports = await Promise.all(page.map(([file, { seq }]) => readReport(folder, `${stay}/${file}.${seq}`)))
        return {
          reports: reports.filter((report) => report !== undefined),
          cursor: `${reader} ${page.at(-1)?.[1].turn ?? since}`,
          isMore: news.length > page.length,
        }
      }),
    members: () => folder.use(() => listMembers(folder)),
  }
}

const stayOf = (visit: Visit): string => `counts/${textOfVisit(visit)}`

/** Returns what was seen of a stay. Only the latest stays are remembered. */
function entryOf(stays: Map<string, Seen>, stay: string): Seen {
  const seen: Seen = stays.get(stay) ?? new Map()
  stays.delete(stay)
  stays.set(stay, seen)
  for (const old of [...stays.keys()].slice(0, -MOST_STAYS)) stays.delete(old)
  return seen
}

/** Returns the number of the latest report of each process. */
async function latestReports(folder: LocalFolder, stay: string): Promise<ReadonlyMap<string, number>> {
  const latest = new Map<string, number>()
  for (const name of await folder.list(stay)) {
    const [, file, seq] = REPORT.exec(name) ?? []
    if (file !== undefined) latest.set(file, Math.max(Number(seq), latest.get(file) ?? 0))
  }
  return latest
}

const readJson = async <Value>(folder: LocalFolder, name: string): Promise<Value | undefined> => {
  const text = await folder.read(name)
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined // the host stopped while it was written
  }
}

const readReport = (folder: LocalFolder, name: string): Promise<PackedReport | undefined> => readJson(folder, name)

/** Replaces the file of a process by that of a later report. */
async function keepReport(folder: LocalFolder, file: string, report: Report): Promise<void> {
  const { id, seq, fast } = report
  const stay = stayOf(report)
  const latest = await latestReports(folder, stay)
  const before = latest.get(file)
  if (before !== undefined && before >= seq) return
  if (before === undefined && latest.size >= MOST_REPORTS) {
    throw new CanaryError(
      'STORE_UNUSABLE',
      `the stay has reports of ${MOST_REPORTS} processes; find out what restarts them`,
    )
  }
  const old = before === undefined ? undefined : `${stay}/${file}.${before}`
  const slow = report.slow ?? (old === undefined ? undefined : (await readReport(folder, old))?.slow)
  await replace(folder, `${stay}/${file}.${seq}`, { id, seq, fast, slow })
  if (old !== undefined) await folder.remove(old)
  else if (latest.size === 0) await removeOldest(folder, 'counts')
}

/** Keeps what a process says of itself, unless a later report has said it already. */
async function keepMember(folder: LocalFolder, name: string, { member, seq }: Report): Promise<void> {
  if (member === undefined) return void (await folder.touch(name))
  const before = await readJson<{ readonly seq: number }>(folder, name)
  if (before === undefined || before.seq < seq) await replace(folder, name, { ...member, seq })
  await folder.touch(name)
}

/** Notes that a process has reported in an epoch; resolves to how many have. */
async function countLife(folder: LocalFolder, epoch: string, file: string): Promise<number> {
  const lives = new Set(await folder.list(epoch))
  if (lives.has(file)) return lives.size
  await folder.write(`${epoch}/${file}`, '')
  if (lives.size === 0) await removeOldest(folder, 'lives')
  return (await folder.list(epoch)).length
}

async function listMembers(folder: LocalFolder): Promise<readonly SeenMember[]> {
  const names = (await folder.list('members')).filter((name) => MEMBER.test(name)).map((name) => `members/${name}`)
  const listed = await Promise.all(
    names.map(async (name): Promise<readonly SeenMember[]> => {
      const ageMs = (await folder.ageMs(name)) ?? MEMBER_MS
      if (ageMs > MEMBER_KEPT_MS) await folder.remove(name)
      const said = ageMs < MEMBER_MS ? await readJson<Member & { readonly seq: number }>(folder, name) : undefined
      if (said === undefined) return []
      const { seq: _, ...member } = said
      return [{ ...member, ageMs }]
    }),
  )
  return listed.flat()
}

/** Writes a file beside, and gives it its name then, so that a reader never sees a part of it. */
async function replace(folder: LocalFolder, name: string, value: unknown): Promise<void> {
  await folder.write(`${name}.draft`, JSON.stringify(value))
  await folder.move(`${name}.draft`, name)
}

/** Removes the oldest stays or epochs. Their names begin with the numbers by which they are ordered. */
async function removeOldest(folder: LocalFolder, parent: string): Promise<void> {
  const byNumbers = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true })
  const old = (await folder.list(parent)).toSorted(byNumbers).slice(0, -MOST_STAYS)
  for (const name of old) await folder.remove(`${parent}/${name}`)
}
