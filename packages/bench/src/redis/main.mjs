// What the store in Redis costs: node src/redis/main.mjs PORT, of an empty server on loopback.
import { redisStore } from '@model-canary/redis'
import { Redis } from 'ioredis'

/** How many processes report. */
const PROCESSES = 1_000

/** The length of a report: both arms of a step with 1e5 requests, and the baseline by key. */
const FAST = 'f'.repeat(1_200)
const SLOW = 's'.repeat(1_100)

/** How many connections there are, each with one call at a time, as processes have them. */
const CONNECTIONS = 100

/** How often each process reports: once a second, it would be half a minute. */
const ROUNDS = 30

/** A process says of itself what it has said before, but the store takes that again after this many reports. */
const SAID_ROUNDS = 10

/** What changes slowly is in one of this many reports. */
const SLOW_ROUNDS = 15

const port = Number(process.argv[2])
if (!(port > 0)) throw new Error('pass the port of an empty Redis on loopback')
const clients = Array.from({ length: CONNECTIONS }, () => new Redis({ port }))
const stores = Array.from({ length: PROCESSES }, (_, at) => redisStore(clients[at % CONNECTIONS], { name: 'bench' }))
const [client] = clients
const [{ fleet, load, write }] = stores
const signals = () => new AbortController().signal
const visit = { epoch: 1, visit: 1 }
const memberOf = (id) => ({ id, library: '0.1.0', config: 'plan', isWarm: true, tag: 'a', weight: saidIn(seq) })
const saidIn = (round) => Math.floor(round / SAID_ROUNDS)
const head = { tag: 'a', fence: 0, filler: 'x'.repeat(800) }

await write({ expect: null, head }, signals())
await load(signals())

let seq = 0
const publish = (at) => {
  const id = `process-${at}`
  const slow = seq % SLOW_ROUNDS === 1 && { slow: SLOW }
  return stores[at].fleet.publish({ ...visit, id, seq, fast: FAST, member: memberOf(id), ...slow }, 'a', signals())
}

const before = await figure('memory', 'used_memory')
seq = 1
await each(publish)
const kept = ((await figure('memory', 'used_memory')) - before) / PROCESSES
console.log(`memory: ${Math.round(kept)} bytes a process and stay, for ${FAST.length + SLOW.length} bytes of counts`)

const ping = await costOf((at) => clients[at % CONNECTIONS].call('PING'))
const report = await costOf(publish)
for (const what of ['wall', 'client', 'server']) {
  const ratio = (report[what] / ping[what]).toFixed(2)
  console.log(`publish, ${what}: ${report[what].toFixed(1)} µs, PING ${ping[what].toFixed(1)} µs, ratio ${ratio}`)
}

for (let round = 0; round < 5; round += 1) {
  const inside = await figure('commandstats', 'cmdstat_evalsha:calls=\\d+,usec')
  const startedAt = performance.now()
  let pages = 0
  for (let [cursor, isMore] = ['', true]; isMore; pages += 1)
    ({ cursor, isMore } = await fleet.collect(visit, cursor, signals()))
  const wall = performance.now() - startedAt
  const served = ((await figure('commandstats', 'cmdstat_evalsha:calls=\\d+,usec')) - inside) / 1_000
  console.log(
    `collect of ${PROCESSES} in ${pages} pages: ${wall.toFixed(1)} ms, ${served.toFixed(1)} ms of them in the server`,
  )
}
for (const each of clients) each.disconnect()

/** Calls a function once for each process. */
async function each(call) {
  for (let from = 0; from < PROCESSES; from += CONNECTIONS) {
    await Promise.all(Array.from({ length: CONNECTIONS }, (_, at) => call(from + at)))
  }
}

/** Measures a call, after a warm-up: µs of wall time, of CPU time here, and of CPU time of the server. */
async function costOf(call) {
  await each(call)
  const [startedAt, cpu, served] = [performance.now(), process.cpuUsage(), await serverCpuUs()]
  for (let round = 0; round < ROUNDS; round += 1) {
    seq += 1
    await each(call)
  }
  const calls = ROUNDS * PROCESSES
  const { user, system } = process.cpuUsage(cpu)
  return {
    wall: ((performance.now() - startedAt) * 1_000) / calls,
    client: (user + system) / calls,
    server: ((await serverCpuUs()) - served) / calls,
  }
}

async function serverCpuUs() {
  return ((await figure('cpu', 'used_cpu_user')) + (await figure('cpu', 'used_cpu_sys'))) * 1e6
}

/** Returns a number of the server's INFO. */
async function figure(section, name) {
  return Number(new RegExp(`^${name}[:=]([\\d.]+)`, 'm').exec(await client.call('INFO', section))[1])
}
