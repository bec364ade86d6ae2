import { visible } from '../foundation/visible-text.js'
import type { WebhookMessage } from './message.js'

/** What an incoming webhook of Slack takes. */
export interface SlackMessage {
  /** What a notification shows. */
  readonly text: string
  readonly blocks: readonly SlackBlock[]
}

type SlackBlock =
  | { readonly type: 'section'; readonly text: SlackText }
  | { readonly type: 'context'; readonly elements: readonly SlackText[] }

/** Taken as written: Slack makes no link or mention out of plain words. */
interface SlackText {
  readonly type: 'mrkdwn'
  readonly text: string
  readonly verbatim: true
}

/** Slack refuses a message with a longer block of text, in characters. */
const LONGEST_TEXT = 3_000

const SIGNS: Readonly<Record<WebhookMessage['type'], string>> = {
  decision: ':memo:',
  step: ':arrow_right:',
  promoted: ':white_check_mark:',
  'rolled-back': ':rotating_light:',
  alert: ':warning:',
  'internal-error': ':wrench:',
}

/** A message as Slack shows it: the sentence, and below it where the rollout stands. */
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

/** Text of anybody's that can neither mention nor link: Slack's three control characters are escaped. */
export function slackText(text: string): string {
  const escaped = visible(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  if (escaped.length <= LONGEST_TEXT) return escaped
  const cut = escaped.slice(0, LONGEST_TEXT - 1)
  return `${cut.replace(/&[a-z]*$/, '').replace(/[\ud800-\udbff]$/, '')}…`
}
