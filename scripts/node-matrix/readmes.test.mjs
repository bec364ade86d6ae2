// The services of the READMEs, exactly as they are printed: each is saved in a fresh folder, started and asked.
// Every major version of a framework that is supported runs them, as an ES module and as a CommonJS module.
import { equal, match, ok } from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { after, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'

const ROOT = mkdtempSync(resolve('readmes-'))
after(() => rmSync(ROOT, { recursive: true, force: true }))

/** The names under which npm installed the supported major versions of each framework. */
const FRAMEWORKS = { express: ['express', 'express-v4'], koa: ['koa', 'koa-v2'], fastify: ['fastify'] }

/** How many users are asked for at most until the canary answers one; its share is 2 % from the start. */
const USERS = 2_000

/** The fenced blocks of a page in this language. */
function blocksOf(page, language) {
  const text = readFileSync(page, 'utf8')
  return [...text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)]
    .filter(([, info]) => info.split(' ')[0] === language)
    .map(([, , code]) => code)
}

/** The services that the README of an adapter prints, by the file names that it gives them. */
function servicesOf(framework) {
  const blocks = blocksOf(join('node_modules', '@model-canary', framework, 'README.md'), 'js')
  const isCommonJs = (code) => /\brequire\(/.test(code)
  return [
    { file: 'service.mjs', code: blocks.find((code) => !isCommonJs(code)) },
    { file: 'service.cjs', code: blocks.find(isCommonJs) },
  ]
}

/** Saves a block in a folder of its own in which the framework has this version. */
function save({ file, code, framework, installed }) {
  ok(code, `no block for ${file}`)
  const folder = mkdtempSync(join(ROOT, `${installed ?? 'none'}-`))
  if (installed !== framework) {
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(resolve('node_modules', installed), join(folder, 'node_modules', framework))
  }
  writeFileSync(join(folder, file), code)
  return join(folder, file)
}

/** Starts a file. TypeScript is run by tsx, as the pages say. */
function start(path, preloads = []) {
  const imports = /ts$/.test(path) ? [...preloads, 'tsx'] : preloads
  const args = [...imports.flatMap((name) => ['--import', name]), path]
  const child = spawn(process.execPath, args, { cwd: dirname(path), stdio: ['ignore', 'pipe', 'pipe'] })
  const run = { child, output: '', ended: once(child, 'close') }
  const read = (text) => {
    run.output += text
  }
  child.stdout.setEncoding('utf8').on('data', read)
  child.stderr.setEncoding('utf8').on('data', read)
  return run
}

/** Starts a service that prints where it listens, hands its address to `ask`, and ends it. */
async function withService(path, ask) {
  const run = start(path, [pathToFileURL(resolve('on-loopback.mjs')).href])
  try {
    const port = await new Promise((resolve, reject) => {
      run.child.stdout.on('data', () => {
        const found = /^listening on (\d+)$/m.exec(run.output)
        if (found) resolve(found[1])
      })
      run.ended.then(([code]) => reject(new Error(`ended with ${code} before it listened:\n${run.output}`)))
    })
    await ask(`http://127.0.0.1:${port}`)
    equal(run.child.exitCode, null, `the process ended:\n${run.output}`)
  } finally {
    run.child.kill('SIGKILL')
    await run.ended
  }
}

/** Asks for users until both versions have answered one; then every request must be counted, and no other. */
async function expectRollout(origin, predict) {
  const answered = { v1: 0, v2: 0 }
  for (let user = 0; user < USERS && (answered.v1 === 0 || answered.v2 === 0); user += 1) {
    const response = await predict(`user-${user}`)
    equal(response.status, 200)
    const version = response.headers.get('x-model-version')
    match(String(version), /^v[12]$/)
    match(await response.text(), /positive/)
    answered[version] += 1
  }
  ok(answered.v2 > 0, `none of ${USERS} users got the canary`)
  equal((await fetch(`${origin}/nowhere`)).status, 404)

  const { v1, v2 } = await (await fetch(`${origin}/canary/metrics`)).json()
  equal(v1.requestCount, answered.v1)
  equal(v2.requestCount, answered.v2)
  const status = await (await fetch(`${origin}/canary/status`)).json()
  equal(status.name, 'sentiment')
  match(
    await (await fetch(`${origin}/canary/explain`)).text(),
    /^Rollout "sentiment" of v2 against v1 is warming at 2 %/,
  )
}

for (const [framework, versions] of Object.entries(FRAMEWORKS)) {
  describe(`the README of ${framework}`, { concurrency: 2 }, () => {
    for (const installed of versions) {
      for (const { file, code } of servicesOf(framework)) {
        it(`${file} runs with ${installed}`, async () => {
          const path = save({ file, code, framework, installed })
          await withService(path, (origin) =>
            expectRollout(origin, (user) =>
              fetch(`${origin}/predict?text=a+good+day`, { headers: { 'x-user-id': user } }),
            ),
          )
        })
      }
    }
  })
}

describe('the first pages', { concurrency: 2 }, () => {
  for (const installed of FRAMEWORKS.express) {
    it(`the quickstart runs with ${installed}`, async () => {
      const [code] = blocksOf(join('pages', 'quickstart.md'), 'ts')
      const path = save({ file: 'service.ts', code, framework: 'express', installed })
      writeFileSync(join(dirname(path), 'package.json'), JSON.stringify({ type: 'module' })) // npm pkg set type=module
      await withService(path, (origin) =>
        expectRollout(origin, (user) =>
          fetch(`${origin}/predict`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', 'x-user-id': user },
            body: '{"text":"a good day"}',
          }),
        ),
      )
    })
  }

  for (const { page, file, says } of [
    { page: join('pages', 'README.md'), file: 'rollout.mts', says: /^\[canary sentiment\] promoted: /m },
    { page: join('node_modules', '@model-canary', 'core', 'README.md'), file: 'canary.mts', says: /^/ },
  ]) {
    it(`${file} of ${page} runs to its end`, async () => {
      const run = start(save({ file, code: blocksOf(page, 'ts')[0] }))
      const [code] = await run.ended
      equal(code, 0, run.output)
      match(run.output, says)
    })
  }
})
