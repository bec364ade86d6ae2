import { useEffect, useRef, useState } from 'preact/hooks'
import type { Refusal } from '../api/client.js'
import { readToken } from '../api/token.js'

/** Asks for a token. It is kept in this tab, and sent as `Authorization: Bearer`. */
export function SignIn(props: {
  readonly refusal: Refusal | null
  readonly signIn: (token: string | null) => void
  /** Left out if the page shows nothing without a token. */
  readonly close?: (() => void) | undefined
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [text, setText] = useState('')
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal()
  }, [])
  const isWrong = props.refusal !== null && readToken() !== null
  return (
    <dialog
      ref={dialog}
      aria-labelledby="sign-in"
      onCancel={(event) => (props.close === undefined ? event.preventDefault() : props.close())}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (text.trim() !== '') props.signIn(text.trim())
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
            maxLength={4_096}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <p class="buttons">
          {props.close && (
            <button type="button" onClick={props.close}>
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
