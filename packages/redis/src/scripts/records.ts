import { DECISIONS_KEPT, DECISIONS_LOADED } from '@model-canary/core/controller'
import { RECORDS_KEPT_MS, reading, writing } from './script.js'

/** KEYS: head, body, log. Returns the nonce, the origin, the head, the body, and the latest decisions, newest first. */
export const LOAD = reading(`
local stored = redis.call('HMGET', KEYS[1], 'origin', 'doc')
local answer = {ARGV[1], stored[1] or '', stored[2] or '', redis.call('GET', KEYS[2]) or ''}
for _, entry in ipairs(redis.call('XREVRANGE', KEYS[3], '+', '-', 'COUNT', ${DECISIONS_LOADED})) do
  answer[#answer + 1] = entry[2][2]
end
return answer`)

/**
 * KEYS: head, body, lease, log. ARGV: nonce, expected tag or '', tag, lease or '', head, its fence, body or '',
 * channel, then the decisions. Returns the nonce, the kind of answer, the origin, and the stored head.
 *
 * The origin is the nonce of the first commit. Every message begins with it, because channels are shared by all databases
 * of a server, and another one may have a rollout of the same name.
 *
 * Everything that can fail comes before the head is replaced: a head is never stored without its decisions.
 */
export const COMMIT = writing(`
local stored = redis.call('HMGET', KEYS[1], 'tag', 'doc', 'origin')
local tag, doc, origin = stored[1] or '', stored[2] or '', stored[3] or ''
if tag == ARGV[3] then return {ARGV[1], 'written', origin, ''} end
if tag ~= ARGV[2] then return {ARGV[1], 'moved', origin, doc} end
if ARGV[4] ~= '' and redis.call('GET', KEYS[3]) ~= ARGV[4] then return {ARGV[1], 'deposed', origin, doc} end
if origin == '' then origin = ARGV[1] end
for at = 9, #ARGV do
  redis.call('XADD', KEYS[4], 'MAXLEN', '~', ${DECISIONS_KEPT}, '*', 'd', ARGV[at])
end
if ARGV[7] ~= '' then redis.call('SET', KEYS[2], ARGV[7], 'PX', ${RECORDS_KEPT_MS}) end
redis.call('HSET', KEYS[1], 'tag', ARGV[3], 'doc', ARGV[5], 'fence', ARGV[6], 'origin', origin)
redis.call('PEXPIRE', KEYS[1], ${RECORDS_KEPT_MS})
redis.call('PEXPIRE', KEYS[4], ${RECORDS_KEPT_MS})
redis.pcall('PUBLISH', ARGV[8], origin .. ' ' .. ARGV[5])
return {ARGV[1], 'written', origin, ''}`)

/** KEYS: head, body, lease. ARGV: nonce, tag, lease, body. Returns the nonce and the kind of answer. */
export const KEEP = writing(`
if redis.call('GET', KEYS[3]) ~= ARGV[3] then return {ARGV[1], 'deposed'} end
if redis.call('HGET', KEYS[1], 'tag') ~= ARGV[2] then return {ARGV[1], 'moved'} end
redis.call('SET', KEYS[2], ARGV[4], 'PX', ${RECORDS_KEPT_MS})
return {ARGV[1], 'kept'}`)
