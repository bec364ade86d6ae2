import { RECORDS_KEPT_MS, reading } from './script.js'

/** KEYS: points. ARGV: nonce. Returns the nonce, and the points or ''. */
export const LOAD_POINTS = reading(`return {ARGV[1], redis.call('GET', KEYS[1]) or ''}`)

/**
 * KEYS: points, lease. ARGV: nonce, lease or '', points. Returns the nonce and the kind of answer. It fails if the memory
 * of the server is full: a chart is not worth more room.
 */
export const KEEP_POINTS = reading(`
if ARGV[2] ~= '' and redis.call('GET', KEYS[2]) ~= ARGV[2] then return {ARGV[1], 'deposed'} end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ${RECORDS_KEPT_MS})
return {ARGV[1], 'kept'}`)
