import { CanaryError } from '@model-canary/core'
import { messageOf, visible } from '@model-canary/foundation'

const PRIMARY = 'connect to the primary, not to a replica'

/** What to do about a refusal, by the word with which the server names it. */
const ADVICE: Readonly<Record<string, string>> = {
  READONLY: PRIMARY,
  MASTERDOWN: PRIMARY,
  NOPERM: 'give the user the permissions that the README of @model-canary/redis lists',
  NOAUTH: 'give the client a user name and a password',
  WRONGPASS: 'check the user name and the password of the client',
  WRONGTYPE: 'another program uses the key: pass a `prefix` of your own',
  OOM: 'the memory of the server is full: raise maxmemory',
  BUSY: 'a script of another program takes long: look at SLOWLOG',
  MISCONF: 'the server cannot save to its disk: look at its log',
  NOREPLICAS: 'replicas of the server are gone: bring them back, or lower min-replicas-to-write',
  LOADING: 'the server has to read its data first: wait, and look at its log',
  MOVED: 'the server is part of a cluster: pass the Cluster of ioredis',
  CLUSTERDOWN: 'a part of the cluster has no server: look at CLUSTER INFO',
  CROSSSLOT: 'leave the hash tag of the keys as it is',
}

/** Returns the error for a failed command, with what to do. */
export function failedCommand(cause: unknown): CanaryError {
  const message = visible(messageOf(cause))
  const advice = ADVICE[wordIn(message)]
  return new CanaryError('REDIS_FAILED', `Redis: ${message}${advice === undefined ? '' : `; ${advice}`}`, { cause })
}

/**
 * Returns the word with which a server names a refusal. Redis 6 puts where a script failed before it, and a permission
 * that a script lacks has no word of its own.
 */
function wordIn(message: string): string {
  if (/^ERR .*(can't run this command|can't access|no permissions)/i.test(message)) return 'NOPERM'
  return /^(?:ERR .*@user_script: ?\d+: -?)?(\w+)/.exec(message)?.[1] ?? ''
}
