import type { Decision } from '../../rollout/decision.js'
import type { NewsEvents } from '../../rollout/news.js'
import type { Clock } from '../../runtime/clock.js'
import { againIfAsked } from '../../runtime/one-at-a-time.js'
import { cursorOf, decisionsAfter, type EventCursor, newestOf, UNKNOWN } from './event-cursor.js'
import { createEventWriter, HEARTBEAT } from './event-text.js'
import { createViewer, type Viewer } from './event-viewer.js'
import type { StreamedResponse } from './route-answer.js'
import type { OperatedRollout } from './route-options.js'

/** Sends the status, the decisions and the alerts of a rollout to those who look. Costs nothing while nobody does. */
export interface EventFeed {
  /** Whether no more clients are taken. */
  readonly isFull: boolean
  /** Begins a stream: what the client has missed, then the present status, then everything that happens. */
  open(request: FeedRequest): void
}

/** A client that begins to look. */
export interface FeedRequest {
  readonly response: StreamedResponse
  /** Whether the client may see the words of other people's errors. */
  readonly isTrusted: boolean
  /** The id of the latest event that the client has seen; `undefined` if it has seen none. */
  readonly lastEventId: string | undefined
}

/** The most clients of one rollout in one process. */
const MOST_VIEWERS = 200

/** The time between two looks at the rollout, in milliseconds. What this process decides is sent at once. */
const LOOK_MS = 1_000

/** The time between two heartbeats, in milliseconds. */
const HEARTBEAT_MS = 15_000

/** The most decisions that a client can have missed. One that has missed more reads everything again. */
const LONGEST_PAGE = 100

/** The events after which the rollout is looked at immediately. */
const NEWS = ['decision', 'step', 'promoted', 'rolled-back'] as const

/** Creates the feed of one rollout. */
export function createEventFeed(rollout: OperatedRollout, clock: Clock): EventFeed {
  const viewers = new Set<Viewer>()
  const writers = { trusted: createEventWriter(true), public: createEventWriter(false) }
  const writerFor = ({ isTrusted }: Viewer) => (isTrusted ? writers.trusted : writers.public)
  let newest: EventCursor = UNKNOWN
  let stop = (): void => {}

  /** Sends each client what it has not got yet. Each text is written once for all. */
  const show = (history: readonly Decision[]): void => {
    newest = newestOf(history)
    const status = rollout.status()
    const texts = new Map<unknown, string>()
    for (const viewer of viewers) {
      const writer = writerFor(viewer)
      const missed = viewer.cursor === undefined ? [] : decisionsAfter(history, viewer.cursor)
      if (missed === undefined) viewer.send(writer.reset(newest))
      for (const decision of missed ?? []) viewer.send(writer.decision(decision))
      viewer.cursor = newest
      if (!viewer.hasRoom) continue
      const text = texts.get(writer) ?? writer.status(status, rollout.explain, newest)
      texts.set(writer, text)
      if (text === viewer.status) continue
      viewer.status = text
      viewer.send(text)
    }
  }
  const look = againIfAsked(async () => show(await historyOf(rollout)))

  const tell = (alert: NewsEvents['alert']): void => {
    for (const viewer of viewers)
      if (viewer.status !== '') viewer.send(writerFor(viewer).alert(alert, viewer.cursor ?? newest))
  }

  return {
    get isFull() {
      return viewers.size >= MOST_VIEWERS
    },
    open({ response, isTrusted, lastEventId }) {
      if (viewers.size >= MOST_VIEWERS) return refuse(response) // many can have asked at the same moment
      const cursor = lastEventId === undefined ? undefined : (cursorOf(lastEventId) ?? UNKNOWN)
      const onClose = (): void => {
        if (viewers.delete(viewer) && viewers.size === 0) stop()
      }
      const viewer = createViewer({ response, isTrusted, cursor, now: clock.elapsed, onClose })
      viewers.add(viewer)
      viewer.begin()
      if (viewers.size === 1) stop = watch({ rollout, clock, viewers, look, tell })
      look()
    },
  }
}

function refuse(response: StreamedResponse): void {
  response.writeHead(503, { 'retry-after': '10' })
  response.end()
}

/** What {@link watch} needs. */
interface Watched {
  readonly rollout: OperatedRollout
  readonly clock: Clock
  readonly viewers: ReadonlySet<Viewer>
  readonly look: () => void
  readonly tell: (alert: NewsEvents['alert']) => void
}

/** Looks at a rollout each second and after each decision, and ends the streams that are due. Returns how to stop it. */
function watch({ rollout, clock, viewers, look, tell }: Watched): () => void {
  const ends = [...NEWS.map((name) => rollout.on(name, look)), rollout.on('alert', tell)]
  let beatAt = clock.elapsed()
  const round = (): void => {
    cancel = clock.schedule(LOOK_MS, round)
    for (const viewer of viewers) if (viewer.isDue) viewer.end()
    look()
    if (clock.elapsed() - beatAt < HEARTBEAT_MS) return
    beatAt = clock.elapsed()
    for (const viewer of viewers) viewer.send(HEARTBEAT)
  }
  let cancel = clock.schedule(LOOK_MS, round)
  return () => {
    cancel()
    for (const end of ends) end()
  }
}

/** Returns the latest decisions, newest first; none if they cannot be read. */
const historyOf = (rollout: OperatedRollout): Promise<readonly Decision[]> =>
  rollout.history({ limit: LONGEST_PAGE }).catch(() => [])
