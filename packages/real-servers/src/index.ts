// Finds and starts the real servers that tests run against. Private: nothing here is published.

export { type FindServerOptions, findServer } from './find-server.js'
export { freePorts } from './free-ports.js'
export { type HaproxyOptions, type RunningHaproxy, startHaproxy } from './haproxy.js'
export { type PrometheusOptions, type RunningPrometheus, type ScrapeJob, startPrometheus } from './prometheus.js'
export { realServer, type ServerRunner } from './real-server.js'
export { type RedisOptions, type RunningRedis, startRedis } from './redis.js'
export { type RunningServer, startServer } from './running-server.js'
export { SERVER_NAMES, type ServerName } from './server-names.js'
export { shiftedClock } from './shifted-clock.js'
