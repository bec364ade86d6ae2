import { CanaryError } from '@model-canary/core'
import { messageOf, visible } from '@model-canary/foundation'

/** What to do about a refusal, by the first word of the server's message. */
const ADVICE: Readonly<Record<string, string>> = {
  READONLY: 'connect to the primary, not to a replica',
  NOPERM: 'give the user the permissions that the README of @model-canary/redis lists',
  NOAUTH: 'give the client a user name and a password',
  WRONGTYPE: 'another program uses the key: pass a `prefix` of your own',
  OOM: 'the memory of the server is full: raise maxmemory',
  BUSY: 'a script of another program takes long: look at SLOWLOG',
  MISCONF: 'the server cannot save to its disk',
  CROSSSLOT: 'leave the hash tag of the keys as it is',
}

/** Returns the error for a failed command, with what to do. */
export function failedCommand(cause: unknown): CanaryError {
  const message = visible(messageOf(cause))
  const advice = ADVICE[/^\w+/.exec(message)?.[0] ?? '']
  return new CanaryError('REDIS_FAILED', `Redis: ${message}${advice === undefined ? '' : `; ${advice}`}`, { cause })
}
