import type { PackedReport, PublishAnswer, Report } from '@model-canary/core/controller'
import type { Faults } from './fault.fixture.js'
import { fleetPlace, memoryPlace } from './memory-place.fixture.js'
import type { StorePlace } from './place.js'

/** Changes what is reported. */
export const reporting = (change: (report: Report) => Report): StorePlace =>
  fleetPlace(({ fleet }) => ({ publish: (report, tag, signal) => fleet.publish(change(report), tag, signal) }))

/** Changes the answer to a report. */
const answering = (
  change: (answer: PublishAnswer, report: Report, knownTag: string | null) => PublishAnswer,
): StorePlace =>
  fleetPlace(({ fleet }) => ({
    publish: async (report, tag, signal) => change(await fleet.publish(report, tag, signal), report, tag),
  }))

/** Changes how many processes have reported. `seen` has all reports so far. */
const counting = (change: (seen: readonly Report[], report: Report) => number): StorePlace => {
  const seen: Report[] = []
  return answering((answer, report) => {
    seen.push(report)
    return { ...answer, lives: change(seen, report) }
  })
}

const idsOf = (reports: readonly Report[]): number => new Set(reports.map(({ id }) => id)).size

/** Changes what is reported and what is collected. */
const collecting = (
  change: (reports: readonly PackedReport[]) => readonly PackedReport[],
  given: (report: Report) => Report = (report) => report,
): StorePlace =>
  fleetPlace(({ fleet }) => ({
    publish: (report, tag, signal) => fleet.publish(given(report), tag, signal),
    async collect(visit, cursor, signal) {
      const page = await fleet.collect(visit, cursor, signal)
      return { ...page, reports: change(page.reports) }
    },
  }))

/** Compares no numbers. */
function unordered(): StorePlace {
  const given = new Map<string, number>()
  let order = 0
  return collecting(
    (reports) => reports.map((report) => ({ ...report, seq: given.get(report.id)! })),
    (report) => {
      given.set(report.id, report.seq)
      return { ...report, seq: (order += 1) }
    },
  )
}

/** Keeps what changes slowly for one report only. */
function forgetsSlow(): StorePlace {
  const slow = new Map<string, boolean>()
  return collecting(
    (reports) =>
      reports.map(({ slow: text, ...report }) => (slow.get(report.id) ? { ...report, slow: text! } : report)),
    (report) => {
      slow.set(report.id, report.slow !== undefined)
      return report
    },
  )
}

/** Compares the numbers of a process over all stays. */
function comparesOverStays(): StorePlace {
  const highest = new Map<string, number>()
  return reporting((report) => {
    if (report.seq < (highest.get(report.id) ?? 0)) return { ...report, seq: -1 }
    highest.set(report.id, report.seq)
    return report
  })
}

/** Notes which reports a process publishes, and leaves out some of those that are collected. */
const noting = (
  isCollected: (id: string, own: ReadonlySet<string>) => boolean,
  end: (own: ReadonlySet<string>) => void,
) =>
  memoryPlace(({ store, fleet }) => {
    const own = new Set<string>()
    return {
      fleet: {
        ...fleet,
        publish(report, tag, signal) {
          own.add(report.id)
          return fleet.publish(report, tag, signal)
        },
        async collect(visit, cursor, signal) {
          const page = await fleet.collect(visit, cursor, signal)
          return { ...page, reports: page.reports.filter(({ id }) => isCollected(id, own)) }
        },
      },
      close() {
        end(own)
        return store.close()
      },
    }
  })

const ownReports = (): StorePlace =>
  noting(
    (id, own) => own.has(id),
    () => {},
  )

/** Keeps the reports of a process until its store is closed. */
function untilClosed(): StorePlace {
  const gone = new Set<string>()
  return noting(
    (id) => !gone.has(id),
    (own) => {
      for (const id of own) gone.add(id)
    },
  )
}

/** The faults in reports. */
export const BROKEN_REPORTS = {
  'answers a report with null if nothing is stored': [
    'leaves out the head if nothing is stored',
    () => answering(({ head, ...answer }) => (head ? { ...answer, head } : answer)),
  ],
  'answers a report with the head if its tag is another one': [
    'sends the head only to a process that knows none',
    () =>
      answering(({ head, ...answer }, _, tag) =>
        head && tag !== null ? answer : { ...answer, ...(head !== undefined && { head }) },
      ),
  ],
  'answers a report without the head if its tag is known': [
    'always sends the head',
    () => fleetPlace(({ fleet }) => ({ publish: (report, _, signal) => fleet.publish(report, 'no such tag', signal) })),
  ],
  'answers a report that changes nothing as well': [
    'does not look at the head for an older report',
    () => {
      const newest = new Map<string, number>()
      return answering((answer, { id, seq }) => {
        const isOlder = seq < (newest.get(id) ?? 0)
        newest.set(id, Math.max(seq, newest.get(id) ?? 0))
        return isOlder ? { lives: answer.lives } : answer
      })
    },
  ],
  'counts the processes that reported in an epoch': [
    'counts the processes of a stay',
    () => counting((seen, { epoch, visit }) => idsOf(seen.filter((one) => one.epoch === epoch && one.visit === visit))),
    ['counts a process that has ended for as long as the epoch'],
  ],
  'counts the processes of each epoch apart': ['counts all epochs together', () => counting((seen) => idsOf(seen))],
  'counts a process that has ended for as long as the epoch': [
    'counts the processes of the latest stays',
    () =>
      counting((seen, { epoch, visit }) => idsOf(seen.filter((one) => one.epoch === epoch && one.visit > visit - 16))),
  ],
  'collects nothing where nothing was reported': [
    'says that there is more where there is nothing',
    () =>
      fleetPlace(({ fleet }) => ({
        async collect(visit, cursor, signal) {
          const page = await fleet.collect(visit, cursor, signal)
          return { ...page, isMore: page.isMore || (cursor === '' && page.reports.length === 0) }
        },
      })),
  ],
  'collects the reports of all processes': [
    'collects the reports of its own process only',
    ownReports,
    [
      'collects at most 500 reports at a time, and misses none',
      'collects what changed since the cursor, and nothing twice',
      'keeps the reports of processes that have ended',
      'keeps what changes slowly where a report leaves it out',
    ],
  ],
  'collects the reports of processes with odd ids': [
    'trims ids',
    () => collecting((reports) => reports.map((report) => ({ ...report, id: report.id.trim() }))),
  ],
  'collects what changed since the cursor, and nothing twice': [
    'begins again where nothing has changed',
    () =>
      fleetPlace(({ fleet }) => ({
        async collect(visit, cursor, signal) {
          const page = await fleet.collect(visit, cursor, signal)
          return page.reports.length > 0 ? page : fleet.collect(visit, '', signal)
        },
      })),
    ['changes nothing with an older or equal number', 'collects at most 500 reports at a time, and misses none'],
  ],
  'collects at most 500 reports at a time, and misses none': [
    'returns all reports at a time',
    () =>
      fleetPlace(({ fleet }) => ({
        async collect(visit, cursor, signal) {
          const page = await fleet.collect(visit, cursor, signal)
          if (!page.isMore) return page
          const next = await fleet.collect(visit, page.cursor, signal)
          return { ...next, reports: [...page.reports, ...next.reports] }
        },
      })),
  ],
  'changes nothing with an older or equal number': [
    'takes every report',
    unordered,
    ['does not list what an older report says', 'keeps the reports of stays apart'],
  ],
  'keeps what changes slowly where a report leaves it out': ['keeps it for one report', forgetsSlow],
  'keeps the reports of stays apart': [
    'keeps the last digit of a stay',
    () =>
      fleetPlace(({ fleet }) => ({
        publish: (report, tag, signal) => fleet.publish({ ...report, visit: report.visit % 10 }, tag, signal),
        collect: ({ epoch, visit }, cursor, signal) => fleet.collect({ epoch, visit: visit % 10 }, cursor, signal),
      })),
  ],
  'takes a late report of an earlier stay': ['compares numbers over all stays', comparesOverStays],
  'keeps the reports of processes that have ended': ['drops reports at close()', untilClosed],
} as const satisfies Faults
