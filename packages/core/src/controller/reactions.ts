import { noModelErrors } from '../foundation/vocabulary.js'
import type { Effect } from '../rollout/event.js'
import { newsOf } from '../rollout/news.js'
import { nameOfRelease } from '../rollout/releases.js'
import { idleState, isLive, isTerminal } from '../rollout/state.js'
import type { StoredRollout } from '../rollout/stored-rollout.js'
import { announce } from './announce.js'
import type { Beginning } from './beginning.js'
import type { ControllerParts } from './controller-parts.js'
import type { DispatcherLinks } from './dispatcher.js'
import type { EndWatch } from './end-watch.js'
import type { GatePlace } from './gatekeeper.js'
import type { HeldRollout } from './held-rollout.js'
import type { Lifetime } from './lifetime.js'
import type { PastKeeping } from './past-keeping.js'
import type { Rounds } from './rounds.js'
import type { SourceNotes } from './source-notes.js'
import type { UntilTerminal } from './until-terminal.js'

/** The reactions to a change of the rollout by any process, and to a decision of this process. */
export type Reactions = Pick<DispatcherLinks, 'onChange' | 'onDecided'>

/** The options of {@link createReactions}. */
export interface ReactionsOptions {
  readonly parts: ControllerParts
  readonly held: HeldRollout
  readonly lifetime: Lifetime
  readonly beginning: Beginning
  readonly rounds: Rounds
  readonly notes: SourceNotes
  readonly pasts: Pick<PastKeeping, 'changed' | 'arm'>
  readonly endWatch: EndWatch
  readonly terminal: UntilTerminal
  readonly warm: () => Promise<void>
}

/** Creates the reactions. The weight is sent first, then the messages. */
export function createReactions(options: ReactionsOptions): Reactions {
  const { parts, held, lifetime, beginning, rounds, notes, pasts, endWatch, terminal, warm } = options
  const { events, loopMeter, modelErrors = () => noModelErrors } = parts
  const { output, couriers, gatekeeper, onStoreFailure } = held
  const { track } = lifetime

  const askGate = async (place: GatePlace): Promise<void> => {
    const answer = await gatekeeper.ask(place)
    if (answer === undefined) return
    const choice = { event: { type: 'gate', ...answer }, ground: { actor: 'gate' } } as const
    await held.dispatcher.dispatch(() => choice, { isJudged: true })
    if (gatekeeper.isOpen(place) && !lifetime.isClosed) await rounds.roundAndWrite() // a yes expires
  }

  const run = (effect: Effect): void => {
    if (effect.type === 'alert') events.alert(effect.about, effect.message)
    if (effect.type === 'warm-up') track(warm())
    if (effect.type === 'ask-gate') track(askGate(effect).catch(onStoreFailure))
  }

  return {
    onChange(before, after) {
      const isLiveNow = isLive(after.state)
      pasts.changed(after)
      held.ownConfig?.changed(after)
      loopMeter?.setOn(isLiveNow && !lifetime.isClosed)
      track(output.show(before, after))
      endWatch.moveTo(after.latest ? idleState : after.state) // the target is that of the latest release
      tellLatest(parts.alerts, after)
      const news = newsOf(before, after, modelErrors().canary)
      announce(events, news)
      couriers.tell(news, before, after)
      if (isLiveNow) gatekeeper.moveTo(after.state)
      else gatekeeper.withdraw()
      if (!isLiveNow) notes.end()
      if (isTerminal(after.state)) terminal.tell()
      if (mustReport(before, after)) track(held.replica?.report())
      if (isLiveNow === isLive(before.state)) return
      rounds.arm()
      pasts.arm()
      if (beginning.hasBegun && isLiveNow) track(warm()) // every process warms its own canary
    },
    onDecided({ decisions, effects }) {
      for (const decision of decisions) events.emit('decision', decision)
      effects.forEach(run)
    },
  }
}

/** Returns whether the other processes wait for what this one says of a change: that it applies it, or its counts. */
const mustReport = (before: StoredRollout, after: StoredRollout): boolean =>
  after.tag !== before.tag || after.state.visit !== before.state.visit || isLive(after.state) !== isLive(before.state)

/** Raises an alert while a later release has begun than that of this process. */
function tellLatest(alerts: ControllerParts['alerts'], { latest, state, versions }: StoredRollout): void {
  if (latest === undefined || !isTerminal(state)) {
    alerts.calm('release')
    return
  }
  const message = `${nameOfRelease(latest.versions)} has begun; this process keeps ${nameOfRelease(versions)} ${state.state}`
  alerts.raise('config', message, 'release')
}
