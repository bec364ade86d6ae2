// The public surface, in sections.

// the client
export type { CallClient, RedisClient, SendCommandClient } from './client.js'
// error codes
export { REDIS_ERROR_CODES } from './error-codes.js'
export type { CallbackListener, EmitterListener, RedisListener } from './listener.js'
// the store
export { type RedisStore, type RedisStoreOptions, redisStore } from './redis-store.js'
