import { visible } from '../foundation/visible-text.js'
import type { WebhookMessage } from './message.js'

/** The body of a request to an incoming webhook of Slack. */
export interface SlackMessage {
  /** The text of the notification. */
  readonly text: string
  readonly blocks: readonly SlackBlock[]
}

type SlackBlock =
  | { readonly type: 'section'; readonly text: SlackText }
  | { readonly type: 'context'; readonly elements: readonly SlackText[] }

/** Verbatim text: Slack does not turn plain words into links or mentions. */
interface SlackText {
  readonly type: 'mrkdwn'
  readonly text: string
  readonly verbatim: true
}

/** The longest block of text that Slack accepts, in characters. */
const LONGEST_TEXT = 3_000

const SIGNS: Readonly<Record<WebhookMessage['type'], string>> = {
  decision: ':memo:',
  step: ':arrow_right:',
  promoted: ':white_check_mark:',
  'rolled-back': ':rotating_light:',
  alert: ':warning:',
  'internal-error': ':wrench:',
}

/** Returns a message for Slack: the sentence, and below it the state of the rollout. */
export function toSlack({ type, text, rollout, versions, state, weight, step, epoch }: WebhookMessage): SlackMessage {
  const line = slackText(`${SIGNS[type]} ${text}`)
  const where = `${rollout} · ${versions.baseline} → ${versions.canary} · ${state} · ${weight} % · step ${step} · epoch ${epoch}`
  return {
    text: line,
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: line, verbatim: true } },
      { type: 'context', elements: [{ type: 'mrkdwn', text: slackText(where), verbatim: true }] },
    ],
  }
}

/** Escapes Slack's three control characters, so that untrusted text cannot create mentions or links. */
export function slackText(text: string): string {
  const escaped = visible(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  if (escaped.length <= LONGEST_TEXT) return escaped
  const cut = escaped.slice(0, LONGEST_TEXT - 1)
  return `${cut.replace(/&[a-z]*$/, '').replace(/[\ud800-\udbff]$/, '')}…`
}
