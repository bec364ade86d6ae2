import { RECORDS_KEPT_MS, reading } from './script.js'

/**
 * KEYS: points, lease. ARGV: nonce, lease or '', points; the nonce alone reads them. Returns the nonce, and the kind of
 * answer, or the points or ''. It fails if the memory of the server is full: a chart is not worth more room.
 */
export const POINTS = reading(`
if not ARGV[3] then return {ARGV[1], redis.call('GET', KEYS[1]) or ''} end
if ARGV[2] ~= '' and redis.call('GET', KEYS[2]) ~= ARGV[2] then return {ARGV[1], 'deposed'} end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ${RECORDS_KEPT_MS})
return {ARGV[1], 'kept'}`)
