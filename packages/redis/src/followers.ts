import type { Head } from '@model-canary/core/controller'
import { type RedisListener, subscriptionOf } from './listener.js'
import { headIn } from './stored-text.js'

/** Those in this process who follow the head. */
export interface Followers {
  /** Tells all of them a head. */
  hear(head: Head): void
  /** Says what every message of this rollout begins with. Messages that begin otherwise are ignored from then on. */
  know(origin: string): void
  /** Returns the message for a head; `undefined` while it is not known what it has to begin with. */
  messageOf(text: string): string | undefined
  /** Adds one; the returned function removes it. */
  follow(listener: (head: Head) => void): () => void
  /** Removes all of them, and ends the subscription. */
  end(): void
}

/** Creates the list of followers. They hear what answers say and, with a listener, what is sent to the channel. */
export function createFollowers(channel: string, listener: RedisListener | undefined): Followers {
  const listeners = new Set<(head: Head) => void>()
  let known: string | undefined

  const hear = (head: Head): void => {
    for (const each of listeners) attempt(() => each(head))
  }
  const onMessage = (message: string): void => {
    const end = message.indexOf(' ')
    if (known !== undefined && message.slice(0, end) !== known) return
    attempt(() => {
      const head = headIn(message.slice(end + 1))
      if (head !== undefined) hear(head)
    })
  }
  const subscription = listener && subscriptionOf(listener, channel, onMessage)

  return {
    hear(head) {
      if (listeners.size > 0) subscription?.ensure() // an answer is news where the subscription has failed
      hear(head)
    },
    know: (origin) => void (known = origin),
    messageOf: (text) => (known ? `${known} ${text}` : undefined),
    follow(each) {
      listeners.add(each)
      subscription?.ensure()
      return () => {
        listeners.delete(each)
        if (listeners.size === 0) subscription?.end()
      }
    },
    end() {
      listeners.clear()
      subscription?.end()
    },
  }
}

/** Runs a task that must not fail its caller: messages may be damaged, and followers may throw. */
function attempt(task: () => void): void {
  try {
    task()
  } catch {
    // the store is also read
  }
}
