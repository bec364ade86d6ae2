import { useMemo, useState } from 'preact/hooks'
import { type Client, createClient } from '../api/client.js'
import { keepToken, readToken } from '../api/token.js'

/** Who uses the page, and how it asks the service in that name. */
export interface Session {
  readonly client: Client
  readonly hasToken: boolean
  /** Whether a token is being asked for. */
  readonly isAsked: boolean
  askToken(): void
  /** Goes on without a token. */
  dismiss(): void
  /** Keeps a token, and asks with it from now on; `null` forgets the one that is kept. */
  signIn(token: string | null): void
}

/** Returns the session of this tab. */
export function useSession(): Session {
  const [token, setToken] = useState(readToken)
  const [isAsked, setAsked] = useState(false)
  const client = useMemo(() => createClient(() => token), [token])
  return {
    client,
    hasToken: token !== null,
    isAsked,
    askToken: () => setAsked(true),
    dismiss: () => setAsked(false),
    signIn(given) {
      keepToken(given)
      setToken(given)
      setAsked(false)
    },
  }
}
