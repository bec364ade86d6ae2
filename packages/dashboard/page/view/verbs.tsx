import { useState } from 'preact/hooks'
import type { Rights, ShownStatus } from '../model/records.js'
import { type OfferedVerb, offeredVerbs } from '../model/verbs.js'
import { Confirmation } from './confirmation.js'
import type { Session } from './use-session.js'

/** What an operator can do now. A button is disabled if the service does not allow it to this person. */
export function Verbs({
  isReadOnly,
  ...props
}: {
  readonly session: Session
  readonly path: string
  readonly status: ShownStatus
  readonly rights: Rights | null
  readonly isReadOnly: boolean
  readonly take: (status: unknown) => void
}) {
  const { status, rights, session } = props
  const [asked, setAsked] = useState<OfferedVerb | null>(null)
  if (isReadOnly) return <p class="note">This page only shows; nothing can be changed here.</p>
  if (rights === null) return null
  if (!rights.hasVerbs) return <p class="note">Nothing can be changed here: the service has no authorize.</p>
  const { actions, actor } = rights
  const mayAny = Object.entries(actions).some(([action, isAllowed]) => isAllowed && action !== 'status')
  return (
    <div class="verbs">
      {mayAny && (
        <p class="buttons">
          {offeredVerbs(status).map((offered) => (
            <button
              key={offered.verb}
              type="button"
              class={offered.verb === 'rollback' || offered.verb === 'disable' ? 'danger' : ''}
              disabled={actions[offered.verb] !== true}
              title={actions[offered.verb] === true ? undefined : 'The service does not allow you this.'}
              onClick={() => setAsked(offered)}
            >
              {offered.label}
            </button>
          ))}
        </p>
      )}
      <p class="who">
        {actor !== null && (
          <>
            You are <bdi>{actor}</bdi>.{' '}
          </>
        )}
        {!mayAny && (session.hasToken ? 'This token may only read. ' : 'You may only read. ')}
        {session.hasToken ? (
          <button type="button" class="plain" onClick={() => session.signIn(null)}>
            Forget the token
          </button>
        ) : (
          !mayAny && (
            <button type="button" class="plain" onClick={session.askToken}>
              Sign in with a token
            </button>
          )
        )}
      </p>
      {asked !== null && <Confirmation {...props} offered={asked} close={() => setAsked(null)} />}
    </div>
  )
}
