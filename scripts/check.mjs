import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from './build.mjs'
import { capture } from './process.mjs'
import { published, REPORTS, ROOT, tool } from './workspace.mjs'

/** The report of the last run: one `{ name, passed }` for each check. */
export const CHECK_REPORT = join(REPORTS, 'checks.json')

/** Everything besides the tests that must hold before a release; each is one program that exits with 0. */
function checks() {
  const packages = published()
  return [
    { name: 'types', args: [...tool('typescript', 'tsc'), '-p', '.'] },
    { name: 'types of the page', args: [...tool('typescript', 'tsc'), '-p', 'packages/dashboard'] },
    // As NestJS up to 10 compiles, without the exports map, and as everybody else does.
    ...['commonjs', 'nodenext'].map((module) => ({
      name: `oldest TypeScript, ${module}`,
      args: [join('node_modules', 'typescript', 'lib', 'tsc.js'), '-p', `${module}.json`],
      cwd: join(ROOT, 'packages', 'oldest-typescript'),
    })),
    { name: 'format and lint', args: [...tool('@biomejs/biome', 'biome'), 'ci', '--colors=off', '.'] },
    { name: 'prose', args: [join('scripts', 'prose.mjs')] },
    { name: 'unused code', args: [...tool('knip'), '--no-progress', '--no-config-hints'] },
    { name: 'sizes', args: tool('size-limit') },
    ...packages.map(({ name, folder: cwd }) => ({
      name: `publint ${name}`,
      args: [...tool('publint'), 'run', '--strict', '--pack', 'npm'],
      cwd,
    })),
    ...packages.map(({ name, folder: cwd }) => ({
      name: `attw ${name}`,
      args: [...tool('@arethetypeswrong/cli', 'attw'), '--pack', '.'],
      cwd,
    })),
  ]
}

/** Builds, then runs every check, one after the other and none left out, and says for each whether it is ok. */
export async function check() {
  const built = (await build()) === 0
  console.log(`${built ? 'ok' : 'failed'} build`)
  const results = [{ name: 'build', passed: built }]
  for (const { name, args, cwd = ROOT } of checks()) {
    const startedAt = performance.now()
    const { code, output } = await capture(process.execPath, args, { cwd, env: { NO_COLOR: '1' } })
    const passed = code === 0
    if (!passed) console.log(output.trimEnd())
    console.log(`${passed ? 'ok' : 'failed'} ${name} (${((performance.now() - startedAt) / 1_000).toFixed(1)} s)`)
    results.push({ name, passed })
  }
  mkdirSync(REPORTS, { recursive: true })
  writeFileSync(CHECK_REPORT, JSON.stringify(results, null, 2))
  return results.every(({ passed }) => passed) ? 0 : 1
}
