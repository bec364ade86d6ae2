/** The scripts by which processes with an earlier version of the library report, and read reports. */
export const OLDER_PUBLISH = `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local id, counts, order = ARGV[2], KEYS[2], KEYS[3]
local known = redis.call('HMGET', counts, '!', '#' .. id)
if not known[1] then
  redis.call('DEL', order)
  redis.call('HSET', counts, '!', ARGV[1])
end
local isRenewed = not known[2]
if not known[2] or tonumber(known[2]) < tonumber(ARGV[3]) then
  redis.call('HSET', counts, '#' .. id, ARGV[3], '=' .. id, ARGV[4])
  if ARGV[5] ~= '' then redis.call('HSET', counts, '~' .. id, string.sub(ARGV[5], 2)) end
  local turn = redis.call('HINCRBY', counts, '!turn', 1)
  if redis.call('ZADD', order, turn, id) == 1 and turn > 1 and redis.call('ZCARD', order) == 1 then
    isRenewed = true
    for _, field in ipairs(redis.call('HKEYS', counts)) do
      if string.sub(field, 1, 1) == '#' then
        redis.call('ZADD', order, redis.call('HINCRBY', counts, '!turn', 1), string.sub(field, 2))
      end
    end
  end
  isRenewed = isRenewed or turn % 16 == 0
end
if ARGV[6] ~= '' then
  local said = redis.call('HGET', KEYS[4], id)
  if not said or tonumber(string.match(said, '^%d+') or 0) < tonumber(ARGV[3]) then
    redis.call('HSET', KEYS[4], id, ARGV[3] .. ' ' .. ARGV[6])
  end
end
redis.call('ZADD', KEYS[5], now, id)
local isNew = redis.call('SADD', KEYS[6], id) == 1
if isRenewed or isNew then
  redis.call('PEXPIRE', KEYS[1], 2592000000)
  for at = 2, 6 do redis.call('PEXPIRE', KEYS[at], 86400000) end
end
local lives = redis.call('SCARD', KEYS[6])
local stored = redis.call('HMGET', KEYS[1], 'tag', 'origin')
local origin = stored[2] or ''
if (stored[1] or '') == ARGV[7] then return {ARGV[1], 'same', origin, lives} end
return {ARGV[1], 'head', origin, lives, redis.call('HGET', KEYS[1], 'doc') or ''}`

export const OLDER_COLLECT = `local birth = redis.call('HGET', KEYS[1], '!') or ''
local turn = '0'
if birth == ARGV[2] then turn = ARGV[3] end
local found = redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. turn, '+inf', 'WITHSCORES', 'LIMIT', 0, 501)
local isMore = #found > 1000
local fields, ids = {}, {}
for at = 1, math.min(#found, 1000), 2 do
  local id, last = found[at], #fields
  ids[#ids + 1] = id
  fields[last + 1], fields[last + 2], fields[last + 3] = '#' .. id, '=' .. id, '~' .. id
  turn = found[at + 1]
end
local answer = {ARGV[1], birth, turn, isMore and 1 or 0}
if #ids == 0 then return answer end
local values = redis.call('HMGET', KEYS[1], unpack(fields))
local last = #answer
for at, id in ipairs(ids) do
  local seq, fast, slow = values[3 * at - 2], values[3 * at - 1], values[3 * at]
  if seq and fast then
    answer[last + 1], answer[last + 2], answer[last + 3] = id, seq, fast
    answer[last + 4] = slow and '=' .. slow or ''
    last = last + 4
  end
end
return answer`

export const OLDER_MEMBERS = `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local from = ARGV[2]
if from == '' then
  from = string.format('%.0f', now - 60000)
  local gone = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', '(' .. from, 'LIMIT', 0, 500)
  for _, id in ipairs(gone) do
    redis.pcall('HDEL', KEYS[1], id)
    redis.pcall('ZREM', KEYS[2], id)
  end
end
local till = now + 60000
local found = redis.call('ZRANGEBYSCORE', KEYS[2], from, till, 'WITHSCORES', 'LIMIT', 0, 500)
local answer, ids = {ARGV[1], found[#found] or '', #found / 2}, {}
for at = 1, #found, 2 do ids[#ids + 1] = found[at] end
if #ids == 0 then return answer end
local values = redis.call('HMGET', KEYS[1], unpack(ids))
for at, id in ipairs(ids) do
  if values[at] then
    local text = string.gsub(values[at], '^%d+ ', '')
    for _, value in ipairs({id, math.max(now - found[2 * at], 0), text}) do answer[#answer + 1] = value end
  end
end
return answer`
