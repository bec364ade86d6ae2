import { useEffect, useRef, useState } from 'preact/hooks'
import type { Refusal } from '../api/client.js'
import { readStatus, type ShownStatus } from '../model/records.js'
import { bodyOf, here, type OfferedVerb } from '../model/verbs.js'
import { countOf } from '../model/words.js'
import type { Session } from './use-session.js'

const PAUSES = [
  ['until it is resumed', null],
  ['for 15 minutes', 900_000],
  ['for 1 hour', 3_600_000],
  ['for 8 hours', 28_800_000],
] as const

/** What came of a verb. */
type Result =
  | { readonly is: 'open' | 'sent' }
  | { readonly is: 'done'; readonly reached: number | null; readonly of: number | null }
  | { readonly is: 'refused'; readonly refusal: Refusal }

/** Asks whether a verb is meant, and why; sends it once; and says who applies it. */
export function Confirmation(props: {
  readonly session: Session
  readonly path: string
  /** The present status, which may change while the question is open. */
  readonly status: ShownStatus
  readonly offered: OfferedVerb
  readonly take: (status: unknown) => void
  readonly close: () => void
}) {
  const { session, path, status, offered, close } = props
  const { verb, isSafe } = offered
  const dialog = useRef<HTMLDialogElement>(null)
  const [seen] = useState(status)
  const [key] = useState(() => crypto.randomUUID?.() ?? randomKey())
  const [reason, setReason] = useState('')
  const [isFull, setFull] = useState(false)
  const [pauseMs, setPauseMs] = useState<number | null>(null)
  const [result, setResult] = useState<Result>({ is: 'open' })

  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal()
  }, [])
  const hasMoved = status.step !== seen.step || status.epoch !== seen.epoch || status.state !== seen.state
  const isStopped = hasMoved && !isSafe && result.is === 'open'

  const send = async (): Promise<void> => {
    setResult({ is: 'sent' })
    const untilMs = pauseMs === null ? null : Date.now() + pauseMs
    const answer = await session.client.post(`${path}${verb}`, bodyOf(verb, seen, { reason, isFull, untilMs }), key)
    if (!answer.ok) {
      const { status: present } = (answer.refusal.body ?? {}) as { readonly status?: unknown }
      if (present !== undefined) props.take(present)
      if (answer.refusal.status === 401) session.askToken()
      return setResult({ is: 'refused', refusal: answer.refusal })
    }
    props.take(answer.body)
    const { reached = null, of = null } = readStatus(answer.body)
    setResult({ is: 'done', reached, of })
  }

  return (
    <dialog ref={dialog} aria-labelledby="question" onCancel={close} onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (result.is === 'open') void send()
        }}
      >
        <h2 id="question">{offered.question}</h2>
        {result.is === 'open' && (
          <>
            <p>{offered.consequence}</p>
            {verb === 'promote' && (
              <label class="line">
                <input type="checkbox" checked={isFull} onChange={(event) => setFull(event.currentTarget.checked)} />{' '}
                Directly to 100 %, without the steps between
              </label>
            )}
            {verb === 'pause' && (
              <label>
                How long
                <select onChange={(event) => setPauseMs(PAUSES[event.currentTarget.selectedIndex]?.[1] ?? null)}>
                  {PAUSES.map(([words]) => (
                    <option key={words}>{words}</option>
                  ))}
                </select>
              </label>
            )}
            <label>
              Reason{isSafe ? ', if there is time' : ''}
              <input
                type="text"
                maxLength={500}
                required={!isSafe}
                value={reason}
                onInput={(event) => setReason(event.currentTarget.value)}
              />
            </label>
            {isStopped && (
              <p role="alert">
                The rollout has moved on while this was open: it is at {here(status)}, {status.state}. Close this and
                look again.
              </p>
            )}
          </>
        )}
        <Outcome result={result} status={status} />
        <p class="buttons">
          <button type="button" onClick={close}>
            {result.is === 'open' ? 'Cancel' : 'Close'}
          </button>
          {result.is === 'open' && (
            <button type="submit" class={isSafe ? 'danger' : 'main'} disabled={isStopped}>
              {offered.label}
            </button>
          )}
          {result.is === 'refused' && canRepeat(result.refusal) && (
            <button type="button" class="main" onClick={() => void send()}>
              Send it again
            </button>
          )}
        </p>
      </form>
    </dialog>
  )
}

/** A lost answer, a store that failed and a limit may be asked again; the key makes it one verb. */
const canRepeat = ({ status }: Refusal): boolean => status === 0 || status === 401 || status === 429 || status >= 500

function Outcome({ result, status }: { readonly result: Result; readonly status: ShownStatus }) {
  if (result.is === 'sent') return <p role="status">Sent; waiting for the processes …</p>
  if (result.is === 'refused')
    return (
      <p role="alert">
        {result.refusal.status === 409
          ? `It was not done, because the rollout has moved on: it is at ${here(status)}. `
          : ''}
        {result.refusal.message} ({result.refusal.code})
      </p>
    )
  if (result.is !== 'done') return null
  const of = status.members?.count ?? result.of
  const reached = Math.max(status.members?.upToDate ?? 0, result.reached ?? 1)
  if (of === null)
    return <p role="status">Done in the process that answered; how many others there are is not known.</p>
  if (reached >= of)
    return <p role="status">Done: {of === 1 ? 'the one process applies it' : `all ${of} processes apply it`}.</p>
  return (
    <p role="status">
      {countOf(reached, 'process applies', 'processes apply')} it of {of}; waiting for the others …
    </p>
  )
}

/** A page that is not served over HTTPS has no `randomUUID`. */
const randomKey = (): string =>
  [...crypto.getRandomValues(new Uint32Array(4))].map((word) => word.toString(36)).join('-')
