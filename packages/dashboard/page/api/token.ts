const KEY = 'model-canary:token'

/** Returns the token that was typed in, in this tab; `null` if there is none. */
export function readToken(): string | null {
  try {
    return sessionStorage.getItem(KEY)
  } catch {
    return kept // the browser stores nothing
  }
}

/** Keeps a token until the tab is closed; `null` forgets it. */
export function keepToken(token: string | null): void {
  kept = token
  try {
    if (token === null) sessionStorage.removeItem(KEY)
    else sessionStorage.setItem(KEY, token)
  } catch {
    // It is kept until the page is loaded again.
  }
}

let kept: string | null = null
