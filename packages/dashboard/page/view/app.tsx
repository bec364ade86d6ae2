import { isOfCredentials, type Refusal } from '../api/client.js'
import type { Entry } from '../model/records.js'
import { Rollout } from './rollout.js'
import { SignIn } from './sign-in.js'
import { useEntries } from './use-entries.js'
import { usePlace } from './use-place.js'
import { useSession } from './use-session.js'

/** The whole page: the list of rollouts, and the one that the address names. */
export function App({ isReadOnly }: { readonly isReadOnly: boolean }) {
  const session = useSession()
  const { entries, refusal } = useEntries(session.client)
  const place = usePlace()
  const shown = entries.find(({ name }) => name === place.rollout) ?? entries[0]
  const isPlace = place.rollout === null || place.rollout === shown?.name
  const needsToken = isOfCredentials(refusal)
  return (
    <>
      {entries.length > 1 && <Rollouts entries={entries} shown={shown?.name} />}
      {shown !== undefined ? (
        <Rollout
          key={shown.path}
          session={session}
          entry={shown}
          decision={isPlace ? place.decision : null}
          isReadOnly={isReadOnly}
        />
      ) : (
        <main class="alone">
          <h1>Rollouts</h1>
          {refusal === null ? <p role="status">Asking the service …</p> : <p role="alert">{sentenceOf(refusal)}</p>}
        </main>
      )}
      {(session.isAsked || needsToken) && <SignIn session={session} isNeeded={needsToken} />}
    </>
  )
}

const sentenceOf = ({ status, message }: Refusal): string =>
  status === 0
    ? 'The service does not answer. The page tries again every few seconds.'
    : `The service refuses: ${message}.`

function Rollouts({ entries, shown }: { readonly entries: readonly Entry[]; readonly shown: string | undefined }) {
  return (
    <nav class="rollouts" aria-label="Rollouts">
      {entries.map(({ name, state, weight }) => (
        <a key={name} href={`#/${encodeURIComponent(name)}`} aria-current={name === shown ? 'page' : undefined}>
          <bdi>{name}</bdi>{' '}
          <small>
            {state}, {weight} %
          </small>
        </a>
      ))}
    </nav>
  )
}
