// What the store in Redis costs: node src/redis/main.mjs PORT, of an empty server on loopback.
import { loadavg } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { redisStore } from '@model-canary/redis'
import { Redis } from 'ioredis'

/** How many processes report. */
const PROCESSES = 1_000

/** The length of a report: both arms of a step with 1e5 requests, and the baseline by key. */
const FAST = 'f'.repeat(1_200)
const SLOW = 's'.repeat(1_100)

/** How many connections there are, each with one call at a time, as processes have them. */
const CONNECTIONS = 100

/** How often each process reports: once a second, it would be a minute. */
const ROUNDS = 60

/** What changes slowly is in one of this many reports: every 15 s. */
const SLOW_ROUNDS = 15

/** A process says all of itself in a report with that, and again after this many reports: 10 s. */
const WHOLE_ROUNDS = 10

/** For how long 1,000 calls a second are measured, and how often. */
const [PACED_MS, PACED_TIMES] = [3_000, 5]

const port = Number(process.argv[2])
if (!(port > 0)) throw new Error('pass the port of an empty Redis on loopback')
const clients = Array.from({ length: CONNECTIONS }, () => new Redis({ port }))
const clientOf = (at) => clients[at % CONNECTIONS]
const stores = Array.from({ length: PROCESSES }, (_, at) => redisStore(clientOf(at), { name: 'bench' }))
const [client] = clients
const [{ fleet, load, write }] = stores
const signals = () => new AbortController().signal
const visit = { epoch: 1, visit: 1 }
const head = { tag: 'a', fence: 0, filler: 'x'.repeat(800) }

await write({ expect: null, head }, signals())
await load(signals())

const seqs = new Array(PROCESSES).fill(0)
const ping = (at) => clientOf(at).call('PING')
const publish = (at) => {
  const [id, seq] = [`process-${at}`, (seqs[at] += 1)]
  const round = (seq + at) % SLOW_ROUNDS
  const weight = round < WHOLE_ROUNDS ? 10 : 50 // a process that says something else says all of itself
  const member = { id, library: '0.1.0', config: 'plan', isWarm: true, tag: 'a', weight }
  const slow = (seq === 1 || round === 0) && { slow: SLOW }
  return stores[at].fleet.publish({ ...visit, id, seq, fast: FAST, member, ...slow }, 'a', signals())
}

await each(publish)
const stay = (await sizeOf('c:1.1')) + (await sizeOf('o:1.1'))
const own = (await sizeOf('members')) + (await sizeOf('seen')) + (await sizeOf('lives:1'))
console.log(`memory: ${Math.round(stay / PROCESSES)} bytes a process and stay, for ${FAST.length + SLOW.length} bytes`)
console.log(`of counts, and once for each process ${Math.round(own / PROCESSES)} bytes`)

report('together', await alternately(async (call) => costOf(PROCESSES, () => each(call)), ROUNDS))
report('1,000 a second', await alternately(async (call) => costOf(PACED_MS, () => paced(call)), PACED_TIMES))

for (const isFirst of [true, false, false, false, false]) {
  if (!isFirst) await each(publish)
  await collect(isFirst ? 'all' : 'those of the next second')
}
console.log(`load ${loadavg()[0].toFixed(1)}`)
for (const each of clients) each.disconnect()

/** Calls a function once for each process. */
async function each(call) {
  for (let from = 0; from < PROCESSES; from += CONNECTIONS) {
    await Promise.all(Array.from({ length: CONNECTIONS }, (_, at) => call(from + at)))
  }
}

/** Calls a function 1,000 times a second, each time for the next process. */
async function paced(call) {
  const [startedAt, answers] = [performance.now(), []]
  for (let made = 0; made < PACED_MS; await sleep(1)) {
    for (; made < Math.min(PACED_MS, performance.now() - startedAt); made += 1) answers.push(call(made % PROCESSES))
  }
  await Promise.all(answers)
}

/** Measures `PING` and a report by turns. Returns all costs of each. */
async function alternately(costOfCalls, times) {
  const costs = { ping: [], publish: [] }
  for (let at = 0; at < times; at += 1) {
    costs.ping.push(await costOfCalls(ping))
    costs.publish.push(await costOfCalls(publish))
  }
  return costs
}

/** Measures a call: µs of CPU time here, and of CPU time of the server. */
async function costOf(calls, run) {
  const [cpu, served] = [process.cpuUsage(), await serverCpuUs()]
  await run()
  const { user, system } = process.cpuUsage(cpu)
  return { client: (user + system) / calls, server: ((await serverCpuUs()) - served) / calls }
}

/** Reports the lower quartile, which other load on the machine changes least, and the ratio of the two. */
function report(how, { ping, publish }) {
  const quartile = (costs, where) => costs.map((cost) => cost[where]).sort((a, b) => a - b)[costs.length >> 2]
  for (const where of ['client', 'server']) {
    const [less, more] = [quartile(ping, where), quartile(publish, where)]
    const ratio = (more / less).toFixed(2)
    console.log(`publish, ${how}, ${where}: ${more.toFixed(1)} µs, PING ${less.toFixed(1)} µs, ratio ${ratio}`)
  }
}

/** Collects from where it left off. */
async function collect(what) {
  const scripts = 'cmdstat_evalsha:calls=\\d+,usec'
  const inside = await figure('commandstats', scripts)
  const startedAt = performance.now()
  let [bytes, isMore] = [0, true]
  while (isMore) {
    const page = await fleet.collect(visit, collect.cursor ?? '', signals())
    collect.cursor = page.cursor
    isMore = page.isMore
    for (const { fast, slow = '' } of page.reports) bytes += fast.length + slow.length
  }
  const wall = (performance.now() - startedAt).toFixed(1)
  const served = (((await figure('commandstats', scripts)) - inside) / 1_000).toFixed(1)
  console.log(`collect of ${what}: ${Math.round(bytes / 1_000)} kB, ${wall} ms, ${served} ms of them in the server`)
}

async function serverCpuUs() {
  return ((await figure('cpu', 'used_cpu_user')) + (await figure('cpu', 'used_cpu_sys'))) * 1e6
}

/** Returns the bytes of a key. */
async function sizeOf(key) {
  return Number(await client.call('MEMORY', 'USAGE', `mc:{bench}:${key}`, 'SAMPLES', '0'))
}

/** Returns a number of the server's INFO. */
async function figure(section, name) {
  return Number(new RegExp(`^${name}[:=]([\\d.]+)`, 'm').exec(await client.call('INFO', section))[1])
}
