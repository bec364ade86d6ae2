import type { ComponentChildren } from 'preact'
import { headlineOf } from '../model/headline.js'
import type { ShownStatus } from '../model/records.js'

/** What a person sees first: the state, what is served, why, and what can be done. */
export function Lead(props: {
  readonly status: ShownStatus
  readonly connection: ComponentChildren
  readonly children: ComponentChildren
}) {
  const { status } = props
  const { tone, state, serving, why } = headlineOf(status)
  return (
    <header class={`lead ${tone}`}>
      <div class="title">
        <h1>
          <bdi>{status.name}</bdi>{' '}
          <small>
            <bdi>{status.versions.canary}</bdi> against <bdi>{status.versions.baseline}</bdi>
          </small>
        </h1>
        {props.connection}
      </div>
      <p class="state" role="status">
        <strong class="badge">{state}</strong> <span>{serving}</span>
      </p>
      <p class="why">{why}</p>
      {status.mode === 'observe' && <p class="note">Mode observe: decisions are recorded and not applied.</p>}
      {props.children}
      {status.explanation !== '' && (
        <details>
          <summary>In sentences</summary>
          <p>{status.explanation}</p>
          {status.notes.map((note) => (
            <p key={note}>{note}</p>
          ))}
        </details>
      )}
    </header>
  )
}
