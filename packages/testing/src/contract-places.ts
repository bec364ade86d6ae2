import { createPatience, type Patience } from './adapter-contract/patience.js'

/** A place in which a rule opens something, as several processes would. */
interface Place<Opened> {
  /** Opens it. A rule calls this twice for two processes that share the place. */
  open(): Opened | Promise<Opened>
  /** Called when a rule is over. */
  close?(): void | Promise<void>
}

/** What a rule about a place receives. */
export interface PlaceStage<Opened, P extends Place<Opened>> extends Patience {
  readonly place: P
  /** Opens it once more, with a deadline. It is closed when the rule is over. */
  open(): Promise<Opened>
}

/** Turns a rule into a test with a place of its own. Everything is closed afterwards, however the rule ends. */
export type PlayAt<Opened, P extends Place<Opened>> = (
  act: (stage: PlaceStage<Opened, P>) => Promise<void>,
) => () => Promise<void>

/** How rules are run: in which place, and how long they wait for a condition. */
export interface PlayOptions<Opened, P> {
  readonly make: () => P | Promise<P>
  readonly patienceMs: number
  /** Closes one that a rule opened. */
  readonly end?: (opened: Opened) => Promise<void>
}

/** Returns the function that turns the rules of a contract about places into tests. */
export function playAt<Opened, P extends Place<Opened>>({
  make,
  patienceMs,
  end,
}: PlayOptions<Opened, P>): PlayAt<Opened, P> {
  return (act) => async () => {
    const patience = createPatience(patienceMs)
    const place = await make()
    const opened: Opened[] = []
    const open = async (): Promise<Opened> => {
      const one = await patience.within('it opens', Promise.resolve(place.open()))
      opened.push(one)
      return one
    }
    try {
      await act({ ...patience, place, open })
    } finally {
      if (end !== undefined) await Promise.allSettled(opened.map((one) => patience.within('it closes', end(one))))
      await place.close?.()
    }
  }
}
