import type { Decision } from '@model-canary/core'
import { useEffect, useRef, useState } from 'preact/hooks'
import { type DecisionGroup, groupsOf } from '../model/decision-groups.js'
import { durationOf, timeOf } from '../model/words.js'
import { Guardrail } from './guardrails.js'
import { hashOf } from './use-place.js'

const TONES: Readonly<Partial<Record<Decision['action'], string>>> = {
  rollback: 'bad',
  demote: 'bad',
  disable: 'bad',
  pause: 'wary',
  advance: 'good',
  promote: 'good',
}

/** What was decided, newest first; each decision shows what it stands on when it is opened. */
export function DecisionList(props: {
  readonly name: string
  readonly decisions: readonly Decision[]
  readonly hasOlder: boolean
  /** The decision that the address names. */
  readonly linked: number | null
  readonly now: number
  readonly older: () => void
  readonly find: (sequence: number) => Promise<Decision | undefined>
}) {
  const { decisions, linked, find } = props
  const [found, setFound] = useState<Decision | 'none' | null>(null)
  const hasLinked = decisions.some(({ sequence }) => sequence === linked)
  const isLoaded = decisions.length > 0
  useEffect(() => {
    let isOver = false
    setFound(null)
    if (linked !== null && isLoaded && !hasLinked)
      void find(linked).then((decision) => !isOver && setFound(decision ?? 'none'))
    return () => void (isOver = true)
  }, [linked, isLoaded, hasLinked])

  return (
    <section aria-labelledby="decisions">
      <h2 id="decisions">Decisions</h2>
      {found === 'none' && <p role="alert">Decision {linked} is not kept any more.</p>}
      <ol class="decisions">
        {found !== null && found !== 'none' && <Item {...props} decision={found} isLinked />}
        {groupsOf(decisions).map((group) => (
          <Group key={group.at(-1)?.sequence} {...props} group={group} />
        ))}
      </ol>
      {decisions.length === 0 && <p class="none">Nothing has been decided.</p>}
      {props.hasOlder && (
        <button type="button" onClick={props.older}>
          Older decisions
        </button>
      )}
    </section>
  )
}

/** A decision, or several of the same words as one line that opens. */
function Group({
  group,
  name,
  linked,
  now,
}: {
  readonly group: DecisionGroup
  readonly name: string
  readonly linked: number | null
  readonly now: number
}) {
  const [newest, ...others] = group
  const hasLinked = group.some(({ sequence }) => sequence === linked)
  const [isOpen, setOpen] = useState(hasLinked)
  const items = group.map((decision) => (
    <Item key={decision.sequence} name={name} decision={decision} isLinked={decision.sequence === linked} now={now} />
  ))
  const oldest = others.at(-1)
  if (oldest === undefined) return <>{items}</>
  return (
    <li class="calm">
      <details open={isOpen || hasLinked} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <time dateTime={new Date(newest.at).toISOString()}>{timeOf(newest.at, now)}</time>{' '}
          <strong class="badge">
            {group.length}× {newest.action}
          </strong>{' '}
          <span class="reason">{newest.reason}</span> <small>since {timeOf(oldest.at, now)}</small>
        </summary>
        {(isOpen || hasLinked) && <ol class="decisions">{items}</ol>}
      </details>
    </li>
  )
}

function Item({
  name,
  decision,
  isLinked,
  now,
}: {
  readonly name: string
  readonly decision: Decision
  readonly isLinked: boolean
  readonly now: number
}) {
  const { sequence, at, action, applied, reason, actor, weight, now: after } = decision
  const element = useRef<HTMLDetailsElement>(null)
  const [isOpen, setOpen] = useState(isLinked)
  useEffect(() => {
    if (!isLinked) return
    setOpen(true)
    element.current?.scrollIntoView({ block: 'center' })
  }, [isLinked])
  return (
    <li class={TONES[action] ?? 'calm'}>
      <details ref={element} open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <time dateTime={new Date(at).toISOString()}>{timeOf(at, now)}</time> <strong class="badge">{action}</strong>{' '}
          {weight !== after.weight && (
            <span>
              {weight} → {after.weight} %
            </span>
          )}{' '}
          <span class="reason">{reason}</span> <small>by {actor}</small>
          {!applied && <small> (not applied)</small>}
        </summary>
        {isOpen && <Inputs decision={decision} link={hashOf({ rollout: name, decision: sequence })} />}
      </details>
    </li>
  )
}

/** What a decision stands on. */
function Inputs({ decision, link }: { readonly decision: Decision; readonly link: string }) {
  const { sequence, at, epoch, step, elapsedInStepMs, requests, verdict, idempotencyKey } = decision
  const [isCopied, setCopied] = useState(false)
  const copy = async (): Promise<void> => {
    await navigator.clipboard?.writeText(new URL(link, location.href).href)
    setCopied(true)
  }
  return (
    <div class="inputs">
      <p>
        Decision {sequence}, at {new Date(at).toISOString()}: epoch {epoch}, step {step}, {durationOf(elapsedInStepMs)}{' '}
        in the step, {requests.baseline.toLocaleString('en')} and {requests.canary.toLocaleString('en')} requests.
        {idempotencyKey !== undefined && ` Request ${idempotencyKey}.`}
      </p>
      <p class="buttons">
        <a href={link}>Link to this decision</a>
        {navigator.clipboard !== undefined && (
          <button type="button" onClick={() => void copy().catch(() => {})}>
            {isCopied ? 'Copied' : 'Copy the link'}
          </button>
        )}
      </p>
      {verdict !== null && (
        <>
          <p>
            The judge said <strong>{verdict.kind}</strong>
            {verdict.message !== undefined && `: ${verdict.message}`}
          </p>
          <ul class="guardrails">
            {(verdict.checks ?? []).map((check) => (
              <Guardrail key={check.guardrail} check={check} versions={null} />
            ))}
          </ul>
        </>
      )}
    </div>
  )
}
