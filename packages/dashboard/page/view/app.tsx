import { useCallback, useEffect, useMemo, useState } from 'preact/hooks'
import { createClient, isOfCredentials, type Refusal } from '../api/client.js'
import { keepToken, readToken } from '../api/token.js'
import { type Entry, readEntries } from '../model/records.js'
import { Rollout } from './rollout.js'
import { SignIn } from './sign-in.js'
import { usePlace } from './use-place.js'

/** The whole page: the list of rollouts, and the one that the address names. */
export function App({ isReadOnly }: { readonly isReadOnly: boolean }) {
  const [token, setToken] = useState(readToken)
  const [isAsked, setAsked] = useState(false)
  const client = useMemo(() => createClient(() => token), [token])
  const [entries, setEntries] = useState<readonly Entry[]>([])
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const place = usePlace()

  useEffect(() => {
    let isOver = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = async (): Promise<void> => {
      const answer = await client.get('rollouts')
      if (isOver) return
      if (answer.ok) setEntries(readEntries(answer.body))
      setRefusal(answer.ok ? null : answer.refusal)
      timer = setTimeout(look, answer.ok ? 15_000 : 3_000)
    }
    void look()
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, [client])

  const signIn = useCallback((given: string | null) => {
    keepToken(given)
    setToken(given)
    setAsked(false)
  }, [])
  const askToken = useCallback(() => setAsked(true), [])

  const shown = entries.find(({ name }) => name === place.rollout) ?? entries[0]
  const needsToken = isOfCredentials(refusal)
  return (
    <>
      {entries.length > 1 && <Rollouts entries={entries} shown={shown?.name} />}
      {shown !== undefined ? (
        <Rollout
          key={`${shown.path} ${token}`}
          client={client}
          entry={shown}
          decision={place.rollout === null || place.rollout === shown.name ? place.decision : null}
          isReadOnly={isReadOnly}
          hasToken={token !== null}
          askToken={askToken}
          forgetToken={() => signIn(null)}
        />
      ) : (
        <main class="alone">
          <h1>Rollouts</h1>
          {refusal === null ? <p role="status">Asking the service …</p> : <p role="alert">{sentenceOf(refusal)}</p>}
        </main>
      )}
      {(isAsked || needsToken) && (
        <SignIn
          refusal={needsToken ? refusal : null}
          signIn={signIn}
          close={needsToken ? undefined : () => setAsked(false)}
        />
      )}
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
