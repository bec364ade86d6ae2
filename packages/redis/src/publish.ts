import type { Fleet } from '@model-canary/core/controller'
import type { Asker } from './ask.js'
import type { Followers } from './followers.js'
import type { Keys } from './keys.js'
import { createSaid } from './said.js'
import { PUBLISH, PUBLISH_COUNTS } from './scripts/reports.js'
import { headIn } from './stored-text.js'

/** Creates the function that stores reports. It sends the counts alone while the store knows the rest. */
export function createPublish({ ask }: Asker, keys: Keys, followers: Followers): Fleet['publish'] {
  const said = createSaid()

  return async (report, knownTag, signal) => {
    const { id, seq, fast, slow } = report
    const shared = [keys.head, keys.counts(report), keys.order(report)]
    const member = report.member === undefined ? '' : JSON.stringify(report.member)
    const [words, tag] = [[id, `${seq}`, fast], knownTag ?? '']
    const about = [shared[1]!, id, member] as const
    if (slow === undefined && said.isKnown(...about)) {
      const short = { script: PUBLISH_COUNTS, keys: shared, args: [...words, tag], isPoll: true }
      const [lives] = await ask(short, signal)
      if (lives !== undefined) return { lives: Number(lives) }
    }
    said.forget()
    const whole = {
      script: PUBLISH,
      keys: [...shared, keys.members, keys.seen, keys.lives(report.epoch)],
      args: [...words, slow === undefined ? '' : `=${slow}`, member, tag],
      isPoll: true,
    }
    const [kind, origin, lives, text = ''] = await ask(whole, signal)
    if (member !== '') said.keep(...about)
    followers.know(origin!)
    if (kind === 'same') return { lives: Number(lives) }
    const head = headIn(text)
    if (head !== undefined) followers.hear(head)
    return { lives: Number(lives), head: head ?? null }
  }
}
