import { visible } from '../foundation/visible-text.js'
import { placeOf } from '../rollout/place.js'
import type { MessageStatus, WebhookData, WebhookEvent } from './message.js'

/** The maximum length of a sentence, in UTF-16 units. */
const LONGEST_SENTENCE = 2_000

/**
 * Returns the event in one readable line; long lines are cut. It says what was decided, and not what is in force: a
 * target may take the weight later.
 */
export function sentenceOf(type: WebhookEvent, data: WebhookData[WebhookEvent], status: MessageStatus): string {
  const { name, versions } = status
  const said = `Rollout "${name}" of ${versions.canary} against ${versions.baseline} ${happening({ type, data } as Happening, status)}`
  return oneLine(said)
}

type Happening = {
  readonly [Type in WebhookEvent]: { readonly type: Type; readonly data: WebhookData[Type] }
}[WebhookEvent]

function happening({ type, data }: Happening, { versions }: MessageStatus): string {
  switch (type) {
    case 'decision':
      return `decided: ${data.action}${data.applied ? '' : ' (observed only)'} by ${data.actor}, ${data.reason}`
    case 'step':
      return `goes to ${data.weight} % in ${placeOf(data.to)}`
    case 'promoted':
      return `is promoted, ${versions.canary} replaces ${versions.baseline}: ${data.reason}`
    case 'rolled-back':
      return `is rolled back to ${versions.baseline}: ${data.reason}`
    case 'alert':
      return `needs attention, ${data.about}: ${data.message}`
    case 'internal-error':
      return `reports an internal error: ${data.message} (${data.count} so far)`
  }
}

function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: removes control characters
  const line = visible(text.replace(/[\s\u0000-\u001f\u007f]+/g, ' ')).trim()
  const short = line.length > LONGEST_SENTENCE ? `${line.slice(0, LONGEST_SENTENCE - 1)}…` : line
  return short.toWellFormed()
}
