import type { Ask } from './ask.js'
import { requestsDue } from './pacing.js'
import { type Sentence, shuffled } from './sentences.js'
import { emptyTally, type Tally, withReply, withSent } from './tally.js'

/** A steady stream of requests. */
export interface Traffic {
  readonly tally: Tally
  /** Stops sending, and resolves when every request has been answered. */
  stop(): Promise<void>
}

/** What is sent, how fast, and how. */
export interface TrafficOptions {
  readonly sentences: readonly Sentence[]
  /** Requests a second. */
  readonly rate: number
  readonly ask: Ask
}

const BEAT_MS = 10
const MOST_UNDER_WAY = 200

/** The number of users. Each of them stays on one version while the weight does not change. */
const USERS = 100_000

/** Sends the sentences repeatedly, in a fixed order, at a steady rate. */
export function startTraffic({ sentences, rate, ask }: TrafficOptions): Traffic {
  const order = shuffled(sentences)
  const startedAt = performance.now()
  const underWay = new Set<Promise<void>>()
  let tally = emptyTally

  const sendOne = (): void => {
    const sentence = order[tally.sent % order.length]!
    tally = withSent(tally)
    const asked = ask(sentence, `user-${Math.floor(Math.random() * USERS)}`).then((reply) => {
      tally = withReply(tally, reply, sentence.label)
      underWay.delete(asked)
    })
    underWay.add(asked)
  }

  const beat = setInterval(() => {
    const { send, holdBack } = requestsDue({
      elapsedMs: performance.now() - startedAt,
      rate,
      counted: tally.sent + tally.heldBack,
      underWay: tally.underWay,
      mostUnderWay: MOST_UNDER_WAY,
    })
    for (let sent = 0; sent < send; sent += 1) sendOne()
    tally = { ...tally, heldBack: tally.heldBack + holdBack }
  }, BEAT_MS)

  return {
    get tally() {
      return tally
    },
    async stop() {
      clearInterval(beat)
      await Promise.all(underWay)
    },
  }
}
