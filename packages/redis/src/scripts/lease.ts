import { RECORDS_KEPT_MS, writing } from './script.js'

/**
 * KEYS: lease, fence, head, body, log. ARGV: nonce, id, time to live in ms ('' returns the lease), the least fence.
 * Returns the nonce, the holder or '', the fence, and the time that is left in ms.
 *
 * A new fence is above all that is known, in case the key with the fence was lost. The records are used as long as
 * somebody asks.
 */
export const LEASE = writing(`
local text = function(number) return string.format('%.0f', number) end
local last = tonumber(redis.call('GET', KEYS[2]) or 0)
local fence, holder = last, nil
local held = redis.call('GET', KEYS[1])
if held then
  fence, holder = string.match(held, '^(%d+) (.+)$')
  fence = tonumber(fence) or last
end
if ARGV[3] == '' then
  if holder == ARGV[2] then
    redis.call('DEL', KEYS[1])
    holder = nil
  end
elseif holder == ARGV[2] then
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
elseif not holder then
  fence = math.max(last, fence, tonumber(redis.call('HGET', KEYS[3], 'fence') or 0), tonumber(ARGV[4])) + 1
  holder = ARGV[2]
  redis.call('SET', KEYS[1], text(fence) .. ' ' .. holder, 'PX', ARGV[3])
end
redis.call('SET', KEYS[2], text(math.max(last, fence)), 'PX', ${RECORDS_KEPT_MS})
for at = 3, 5 do redis.call('PEXPIRE', KEYS[at], ${RECORDS_KEPT_MS}) end
local left = 0
if holder then left = math.max(redis.call('PTTL', KEYS[1]), 0) end
return {ARGV[1], holder or '', text(fence), left}`)
