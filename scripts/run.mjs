// What the scripts of package.json do: install, build what has changed, run. Needs nothing but Node.
import { build } from './build.mjs'
import { check } from './check.mjs'
import { matrix } from './node-matrix.mjs'
import { run } from './process.mjs'
import { test } from './test.mjs'
import { install, ROOT, runPnpm, tool } from './workspace.mjs'

const DEMO = '@model-canary/example-express-sentiment'
const BENCH = '@model-canary/bench'
const PAGE = '@model-canary/dashboard'
const SCREENSHOTS = 'packages/dashboard/screenshots/vitest.config.ts'

/** Each command as its steps; the first one that does not end with 0 ends the command. */
const commands = {
  start: [
    install,
    () => build(DEMO),
    (args) => run(process.execPath, ['examples/express-sentiment/dist/demo.js', ...args], { cwd: ROOT }),
  ],
  test: [install, buildAndTest],
  build: [install, () => build()],
  check: [install, check],
  screenshots: [
    install,
    () => build(PAGE),
    (args) =>
      run(process.execPath, [...tool('vitest'), 'run', '--config', SCREENSHOTS, '--root', ROOT, ...args], {
        cwd: ROOT,
      }),
  ],
  docs: [install, (args) => run(process.execPath, ['packages/site/src/main.mjs', ...args], { cwd: ROOT })],
  matrix: [install, () => build(), matrix],
  bench: [install, () => build(), (args) => runPnpm('--filter', BENCH, 'run', 'bench', ...args)],
  'bench:judge': [install, () => build(BENCH), (args) => runPnpm('--filter', BENCH, 'run', 'bench:judge', ...args)],
}

/** Tests even what does not build: they run on the sources, and say more about what is wrong. */
async function buildAndTest(args) {
  const built = await build()
  const tested = await test(args)
  return built || tested
}

const [command, ...rest] = process.argv.slice(2)
const args = rest[0] === '--' ? rest.slice(1) : rest
const steps = Object.hasOwn(commands, command ?? '') ? commands[command] : undefined
if (steps === undefined) {
  console.error(`usage: node scripts/run.mjs ${Object.keys(commands).join('|')} [arguments]`)
  process.exit(2)
}

let code = 0
for (const step of steps) {
  code = await step(args)
  if (code !== 0) break
}
process.exitCode = code
