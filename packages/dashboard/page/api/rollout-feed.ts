import type { Decision } from '@model-canary/core'
import type { Point } from '@model-canary/core/controller'
import { joined, withNewestPage } from '../model/decision-pages.js'
import {
  type Rights,
  readDecision,
  readDecisions,
  readMetrics,
  readPoints,
  readRights,
  readStatus,
  type ShownStatus,
} from '../model/records.js'
import type { Answer, Client, Refusal } from './client.js'
import { createEventStream } from './event-stream.js'

/** An alert of the service, and when the page got it. */
export interface Alert {
  readonly about: string
  readonly message: string
  readonly at: number
}

/** Whether what the page shows is of now. */
export type Connection = 'connecting' | 'live' | 'polling' | 'lost'

/** Everything that the page knows of a rollout. */
export interface RolloutNews {
  readonly status: ShownStatus | null
  /** The decisions that were read, newest first. */
  readonly decisions: readonly Decision[]
  /** Whether there are older decisions. */
  readonly hasOlder: boolean
  readonly rights: Rights | null
  /** What was served over time; `null` if the service does not keep it. */
  readonly points: readonly Point[] | null
  readonly metrics: ReturnType<typeof readMetrics>
  readonly alerts: readonly Alert[]
  readonly connection: Connection
  /** When the service last said something, as wall time in milliseconds since 1970. */
  readonly heardAt: number | null
  /** Why the service refused to be read; `null` if it did not. */
  readonly refusal: Refusal | null
}

/** What is known before the first answer. */
export const NO_NEWS: RolloutNews = {
  status: null,
  decisions: [],
  hasOlder: false,
  rights: null,
  points: null,
  metrics: {},
  alerts: [],
  connection: 'connecting',
  heardAt: null,
  refusal: null,
}

/** Follows a rollout until it is stopped. */
export interface RolloutFeed {
  /** Reads one more page of decisions. */
  older(): Promise<void>
  /** Reads the decision with this number, if it is still kept. */
  decision(sequence: number): Promise<Decision | undefined>
  /** Takes a status that a verb has returned. */
  take(status: unknown): void
  stop(): void
}

/** How many decisions a page of them has. */
const PAGE = 30

/** The time between two attempts to connect, and between two looks without a stream, in milliseconds. */
const RETRY_MS = 2_000
const POLL_MS = 3_000

/** How long the first event of a stream may take, in milliseconds. The service sends its status at once. */
const FIRST_EVENT_MS = 3_000

/** The time between two looks at figures that nobody is told of, in milliseconds. */
const FIGURES_MS = 15_000

/** The most alerts that are shown. */
const MOST_ALERTS = 20

/** Follows a rollout: by its events, and by asking every few seconds while there is no stream. */
export function followRollout(client: Client, path: string, tell: (news: RolloutNews) => void): RolloutFeed {
  const ended = new AbortController()
  let news = NO_NEWS
  const change = (changed: Partial<RolloutNews>): void => {
    if (ended.signal.aborted) return
    news = { ...news, ...changed }
    tell(news)
  }
  const heard = (changed: Partial<RolloutNews> = {}) => change({ ...changed, heardAt: Date.now(), refusal: null })
  const wait = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      ended.signal.addEventListener(
        'abort',
        () => {
          clearTimeout(timer)
          resolve()
        },
        { once: true },
      )
    })

  const read = async <Value>(route: string, reader: (body: unknown) => Value): Promise<Value | undefined> => {
    const answer = await client.get(`${path}${route}`)
    return answer.ok ? reader(answer.body) : undefined
  }
  const readHistory = async (): Promise<void> => {
    const page = await read(`history?limit=${PAGE}`, readDecisions)
    if (page === undefined) return
    const decisions = withNewestPage(news.decisions, page)
    change({ decisions, ...(decisions.at(-1) === page.at(-1) && { hasOlder: page.length === PAGE }) })
  }
  const add = (decisions: readonly Decision[]): void => change({ decisions: joined(news.decisions, decisions) })
  const readStatusNow = async (): Promise<Answer> => {
    const answer = await client.get(`${path}status`)
    if (answer.ok) heard({ status: readStatus(answer.body) })
    else change({ refusal: answer.refusal, ...(answer.refusal.status === 0 && { connection: 'lost' }) })
    return answer
  }

  let isStreaming = false
  const begin = (): void => {
    isStreaming = true
    heard({ connection: 'live' })
    void readHistory() // what happened before this stream, or between two of them
    void refreshRights()
  }
  const stream = createEventStream(client, `${path}events`, {
    onLife: () => heard(),
    onEvent(name, data) {
      if (!isStreaming) begin()
      if (name === 'status') heard({ status: readStatus(data) })
      else if (name === 'decision') add([readDecision(data)])
      else if (name === 'reset') {
        change({ decisions: [] })
        void readHistory()
      } else if (name === 'alert') {
        const { about, message } = data as Alert
        change({ alerts: [{ about, message, at: Date.now() }, ...news.alerts].slice(0, MOST_ALERTS) })
      }
    },
  })

  const refreshRights = async (): Promise<void> => {
    const rights = await read('rights', readRights)
    if (rights !== undefined) change({ rights })
  }

  /** Reads streams one after the other. A proxy may open one and pass nothing on, so only an event shows that it works. */
  const followEvents = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      isStreaming = false
      let isOver = false
      const reading = stream.read(ended.signal).finally(() => {
        isOver = true
      })
      await Promise.race([reading, wait(FIRST_EVENT_MS)])
      while (!isOver && !isStreaming && !ended.signal.aborted) await poll()
      if ((await reading) !== 200) await poll()
      else await wait(RETRY_MS / 4)
    }
  }

  /** One look without a stream. */
  const poll = async (): Promise<void> => {
    const answer = await readStatusNow()
    if (answer.ok) {
      if (!isStreaming) change({ connection: 'polling' })
      await Promise.all([readHistory(), ...(news.rights === null ? [refreshRights()] : [])])
    }
    await wait(answer.ok ? POLL_MS : RETRY_MS)
  }

  const followFigures = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      if (!document.hidden && news.status !== null && news.connection !== 'lost') {
        const scope = news.status?.members ? '?scope=fleet' : ''
        const [points, metrics] = await Promise.all([read('points', readPoints), read(`metrics${scope}`, readMetrics)])
        change({ ...(points !== undefined && { points }), ...(metrics !== undefined && { metrics }) })
      }
      await wait(news.status === null ? RETRY_MS : FIGURES_MS)
    }
  }

  void readStatusNow().then(followFigures)
  void followEvents()

  return {
    async older() {
      const before = news.decisions.at(-1)?.sequence
      const page = await read(`history?limit=${PAGE}&before=${before ?? ''}`, readDecisions)
      if (page === undefined) return
      add(page)
      change({ hasOlder: page.length === PAGE })
    },
    async decision(sequence) {
      const known = news.decisions.find((each) => each.sequence === sequence)
      if (known !== undefined) return known
      const [found] = (await read(`history?limit=1&before=${sequence + 1}`, readDecisions)) ?? []
      return found?.sequence === sequence ? found : undefined
    },
    take: (status) => heard({ status: readStatus(status) }),
    stop: () => ended.abort(),
  }
}
