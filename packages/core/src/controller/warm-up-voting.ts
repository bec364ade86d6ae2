import { voteOnWarmUp } from '../fleet/warm-up-vote.js'
import type { SeenMember } from '../rollout/fleet.js'
import { isLive } from '../rollout/state.js'
import type { Dispatcher } from './dispatcher.js'
import type { Replica } from './replica.js'

/** Lets the leader of several processes decide over their warm-ups. */
export interface WarmUpVoting {
  /** Reports the warm-up of this process. If this process leads and a process is warm, the rollout goes on. */
  told(): Promise<void>
  /** Counts the votes at a look of the leader: the rollout goes on, or is rolled back. Never rejects. */
  look(): Promise<void>
}

/** The options of {@link createWarmUpVoting}. */
export interface WarmUpVotingOptions {
  readonly replica: Pick<Replica, 'members' | 'report'>
  readonly dispatcher: Pick<Dispatcher, 'current' | 'dispatch' | 'force'>
  /** Returns whether this process leads. */
  readonly isJudge: () => boolean
  readonly onStoreFailure: (cause: unknown) => void
}

/** The age of its latest report from which a process has no vote, in milliseconds. It reports every second. */
const GONE_MS = 20_000

/** Creates a voting for a process whose warm-up has not ended. */
export function createWarmUpVoting({
  replica,
  dispatcher,
  isJudge,
  onStoreFailure,
}: WarmUpVotingOptions): WarmUpVoting {
  /** A rollback waits for a look, so that the other processes have reported. The canary has no share until then. */
  const count = async (mayRollBack: boolean): Promise<void> => {
    if (!isJudge() || !isLive(dispatcher.current.state)) return
    const { epoch } = dispatcher.current.state
    const members = (await replica.members.read()).filter(({ ageMs }) => ageMs < GONE_MS)
    const { state } = dispatcher.current
    if (!isJudge() || !isLive(state) || state.epoch !== epoch) return
    const vote = voteOnWarmUp(members, state.weight > 0)
    if (vote === 'roll-back' && mayRollBack) {
      await dispatcher.force({ type: 'rollback', reason: describeFailed(members) }, { actor: 'warm-up' })
    }
    if (vote !== 'go' || state.state !== 'warming' || state.weight > 0) return
    await dispatcher.dispatch(() => ({ event: { type: 'warmed' }, ground: { actor: 'warm-up' } }), { isJudged: true })
  }
  return {
    async told() {
      await replica.report()
      await count(false).catch(onStoreFailure)
    },
    look: () => count(true).catch(onStoreFailure),
  }
}

function describeFailed(members: readonly SeenMember[]): string {
  const tried = members.filter(({ isWarm }) => isWarm !== null).length
  const failed = members.filter(({ isWarm }) => isWarm === false).length
  if (tried === 1) return 'the warm-up of the canary failed in the only process; its alert says why'
  return `the warm-up of the canary failed in ${failed} of ${tried} processes; their alerts say why`
}
