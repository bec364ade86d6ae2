import { COUNTS_KEPT_MS, RECORDS_KEPT_MS, reading, writing } from './script.js'

/** The age from which a member is no longer listed, in milliseconds. */
const MEMBER_MS = 60_000

/** The most reports or members of one answer. */
export const MOST_LISTED = 500

/** Milliseconds since 1970, by the clock of the server. */
const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`

/** How much sooner than they would be deleted the counts are renewed at the latest, in milliseconds. */
const RENEWED_MS = COUNTS_KEPT_MS - 60_000

/**
 * KEYS: head, counts, order, members, seen, lives. ARGV: nonce, id, seq, fast, '=' and slow or '', member or '', known
 * tag or ''. Returns the nonce, 'same' or 'head', the origin, the number of lives, and the head if it is another one.
 *
 * The counts are a hash: '!' is its birth, '!turn' the number of reports so far, '!lives' the number of lives, and each
 * process has '#' (its seq), '=' (fast), '~' (slow) and '^' (the turn of its slow) with its id. The order is by turn:
 * turns are unique, so a cursor is exact. If the order is lost, a new one is made from the counts. If the counts are lost, their birth is another
 * one, and every cursor begins again. The times to live are renewed once a minute, and with the first report of a
 * process.
 */
export const PUBLISH = writing(`${NOW}
local id, counts, order = ARGV[2], KEYS[2], KEYS[3]
local known = redis.call('HMGET', counts, '!', '#' .. id, '!turn', '!lives')
if not known[1] then
  redis.call('DEL', order)
  redis.call('HSET', counts, '!', ARGV[1])
end
local isRenewed = not known[2]
if not known[2] or tonumber(known[2]) < tonumber(ARGV[3]) then
  local turn = (known[3] or 0) + 1
  redis.call('HSET', counts, '#' .. id, ARGV[3], '=' .. id, ARGV[4], '!turn', turn)
  if ARGV[5] ~= '' then redis.call('HSET', counts, '~' .. id, string.sub(ARGV[5], 2), '^' .. id, turn) end
  if redis.call('ZADD', order, turn, id) == 1 and turn > 1 and redis.call('ZCARD', order) == 1 then
    isRenewed = true
    for _, field in ipairs(redis.call('HKEYS', counts)) do
      if string.sub(field, 1, 1) == '#' then
        redis.call('ZADD', order, redis.call('HINCRBY', counts, '!turn', 1), string.sub(field, 2))
      end
    end
  end
end
if ARGV[6] ~= '' then
  local said = redis.call('HGET', KEYS[4], id)
  if not said or tonumber(string.match(said, '^%d+') or 0) < tonumber(ARGV[3]) then
    redis.call('HSET', KEYS[4], id, ARGV[3] .. ' ' .. ARGV[6])
  end
end
redis.call('ZADD', KEYS[5], now, id)
local isNew = redis.call('SADD', KEYS[6], id) == 1
if isRenewed or isNew or redis.call('PTTL', counts) < ${RENEWED_MS} then
  redis.call('PEXPIRE', KEYS[1], ${RECORDS_KEPT_MS})
  for at = 2, 6 do redis.call('PEXPIRE', KEYS[at], ${COUNTS_KEPT_MS}) end
end
local before = tonumber(known[4]) or 0
local lives = math.max(redis.call('SCARD', KEYS[6]), before)
if lives > before then redis.call('HSET', counts, '!lives', lives) end
local stored = redis.call('HMGET', KEYS[1], 'tag', 'origin')
local origin = stored[2] or ''
if (stored[1] or '') == ARGV[7] then return {ARGV[1], 'same', origin, lives} end
return {ARGV[1], 'head', origin, lives, redis.call('HGET', KEYS[1], 'doc') or ''}`)

/**
 * KEYS: head, counts, order. ARGV: nonce, id, seq, fast, known tag. Returns the nonce and the number of lives in one
 * text; the nonce alone if anything is not as it was with the latest report of this process. Then {@link PUBLISH} has
 * to follow, which does all of it.
 *
 * Every command of a script takes about 1 µs of the server, and every process reports once a second.
 */
export const PUBLISH_COUNTS = writing(`
local id, counts = ARGV[2], KEYS[2]
local known = redis.call('HMGET', counts, '#' .. id, '!turn', '!lives')
if not known[1] or not known[3] or tonumber(known[1]) >= tonumber(ARGV[3]) then return ARGV[1] end
local turn = known[2] + 1
if redis.call('ZADD', KEYS[3], 'XX', 'CH', turn, id) == 0 then return ARGV[1] end
redis.call('HSET', counts, '#' .. id, ARGV[3], '=' .. id, ARGV[4], '!turn', turn)
if redis.call('HGET', KEYS[1], 'tag') ~= ARGV[5] then return ARGV[1] end
return ARGV[1] .. ' ' .. known[3]`)

/**
 * KEYS: counts, order. ARGV: nonce, birth and turn of the cursor, and the turn up to which every slow was returned.
 * Returns the nonce, the birth and turn to go on from, 1 if there are more, and then id, seq, fast, and '=' and slow of
 * each report; '' for a slow that is not of a later turn. An earlier version of the library stores no turns of slow.
 */
export const COLLECT = reading(`
local birth = redis.call('HGET', KEYS[1], '!') or ''
local turn, since = '0', 0
if birth == ARGV[2] then turn, since = ARGV[3], tonumber(ARGV[4]) end
local found = redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. turn, '+inf', 'WITHSCORES', 'LIMIT', 0, ${MOST_LISTED + 1})
local isMore = #found > ${2 * MOST_LISTED}
local fields, ids = {}, {}
for at = 1, math.min(#found, ${2 * MOST_LISTED}), 2 do
  local id, last = found[at], #fields
  ids[#ids + 1] = id
  fields[last + 1], fields[last + 2], fields[last + 3] = '#' .. id, '=' .. id, '^' .. id
  turn = found[at + 1]
end
local answer = {ARGV[1], birth, turn, isMore and 1 or 0}
if #ids == 0 then return answer end
local values = redis.call('HMGET', KEYS[1], unpack(fields))
local last, slowly, places = #answer, {}, {}
for at, id in ipairs(ids) do
  local seq, fast, slowTurn = values[3 * at - 2], values[3 * at - 1], values[3 * at]
  if seq and fast then
    answer[last + 1], answer[last + 2], answer[last + 3], answer[last + 4] = id, seq, fast, ''
    last = last + 4
    if not slowTurn or tonumber(slowTurn) > since then
      slowly[#slowly + 1], places[#slowly + 1] = '~' .. id, last
    end
  end
end
if #slowly == 0 then return answer end
for at, slow in ipairs(redis.call('HMGET', KEYS[1], unpack(slowly))) do
  if slow then answer[places[at]] = '=' .. slow end
end
return answer`)

/**
 * KEYS: members, seen. ARGV: nonce, the time to go on from or ''. Returns the nonce, the time of the last one, the
 * number of those found, and then id, age in ms and text of each that has one. Those of that time may come twice.
 */
export const MEMBERS = writing(`${NOW}
local from = ARGV[2]
if from == '' then
  from = string.format('%.0f', now - ${MEMBER_MS})
  local gone = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', '(' .. from, 'LIMIT', 0, ${MOST_LISTED})
  for _, id in ipairs(gone) do
    redis.pcall('HDEL', KEYS[1], id)
    redis.pcall('ZREM', KEYS[2], id)
  end
end
local till = now + ${MEMBER_MS}
local found = redis.call('ZRANGEBYSCORE', KEYS[2], from, till, 'WITHSCORES', 'LIMIT', 0, ${MOST_LISTED})
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
return answer`)
