import { createPatience, type Patience } from './adapter-contract/patience.js'

/** Something that a rule opens in one place, as several processes would. */
interface Place<Opened> {
  /** Opens it. A rule that calls this twice means two processes that share the place. */
  open(): Opened | Promise<Opened>
  /** Called when a rule is over. */
  close?(): void | Promise<void>
}

/** What a rule about a place is given. */
export interface PlaceStage<Opened, P extends Place<Opened>> extends Patience {
  readonly place: P
  /** Opens it once more, with a deadline; closed when the rule is over. */
  open(): Promise<Opened>
}

/** Makes a test of a rule: a place of its own, and everything closed behind it, however the rule ends. */
export type PlayAt<Opened, P extends Place<Opened>> = (
  act: (stage: PlaceStage<Opened, P>) => Promise<void>,
) => () => Promise<void>

/** How rules are played: in what, and how long a fact may take. */
export interface PlayOptions<Opened, P> {
  readonly make: () => P | Promise<P>
  readonly patienceMs: number
  /** Closes one that a rule opened. */
  readonly end?: (opened: Opened) => Promise<void>
}

/** Makes the function by which the rules of a contract about places become tests. */
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
