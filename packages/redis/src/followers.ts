import type { Head } from '@model-canary/core/controller'
import { type RedisListener, subscriptionOf } from './listener.js'
import { headIn } from './stored-text.js'

/** Those in this process who follow the head. */
export interface Followers {
  /** Tells all of them a head. */
  hear(head: Head): void
  /** Adds one; the returned function removes it. */
  follow(listener: (head: Head) => void): () => void
  /** Removes all of them, and ends the subscription. */
  end(): void
}

/** Creates the list of followers. They hear what answers say and, with a listener, what is sent to the channel. */
export function createFollowers(channel: string, listener: RedisListener | undefined): Followers {
  const listeners = new Set<(head: Head) => void>()

  const hear = (head: Head): void => {
    for (const each of listeners) attempt(() => each(head))
  }
  const onMessage = (message: string): void =>
    attempt(() => {
      const head = headIn(message)
      if (head !== undefined) hear(head)
    })
  const subscription = listener && subscriptionOf(listener, channel, onMessage)

  return {
    hear(head) {
      if (listeners.size > 0) subscription?.ensure() // an answer is news where the subscription has failed
      hear(head)
    },
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
