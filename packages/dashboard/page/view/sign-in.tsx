import { useEffect, useRef, useState } from 'preact/hooks'
import type { Session } from './use-session.js'

/** Asks for a token. Where the page shows nothing without one, the question cannot be put away. */
export function SignIn({ session, isNeeded }: { readonly session: Session; readonly isNeeded: boolean }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [text, setText] = useState('')
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal()
  }, [])
  const isWrong = isNeeded && session.hasToken
  return (
    <dialog
      ref={dialog}
      aria-labelledby="sign-in"
      onCancel={(event) => (isNeeded ? event.preventDefault() : session.dismiss())}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          session.signIn(text)
        }}
      >
        <h2 id="sign-in">Sign in</h2>
        <p>The service wants to know who you are. The token stays in this tab and is forgotten with it.</p>
        {isWrong && <p role="alert">The service does not accept the token that was given.</p>}
        <label>
          Token
          <input
            type="password"
            autocomplete="off"
            required
            pattern="[!-~]+"
            title="Letters, digits and signs of ASCII, because a header can carry nothing else"
            maxLength={4_096}
            value={text}
            onInput={(event) => setText(event.currentTarget.value.trim())}
          />
        </label>
        <p class="buttons">
          {!isNeeded && (
            <button type="button" onClick={session.dismiss}>
              Cancel
            </button>
          )}
          <button type="submit" class="main">
            Sign in
          </button>
        </p>
      </form>
    </dialog>
  )
}
