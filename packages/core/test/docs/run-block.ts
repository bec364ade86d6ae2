import { mkdir, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type CodeBlock, ROOT } from './markdown.js'
import { folderOf } from './type-check.js'

const FOLDER = join(ROOT, '.reports/docs')

/** `expression // => value` states the value of the expression. Everything else runs unchanged. */
const CLAIM = /^(\s*)(\S.*?)\s+\/\/ => (.+)$/gm

/** A package that belongs neither to this workspace nor to Node. */
const FOREIGN = /from '(?!\.|node:|@model-canary\/)([^']+)'/g

/** Returns how many claims a block makes. */
export const claimsOf = ({ code }: CodeBlock): number => [...code.matchAll(CLAIM)].length

let runs = 0

/** Runs a block as a module, on the sources. Rejects if it throws, or if one of its claims is not true. */
export async function runBlock(block: CodeBlock): Promise<Readonly<Record<string, unknown>>> {
  const require = createRequire(join(folderOf(block), 'package.json'))
  const code = block.code
    .replace(CLAIM, '$1__same($2, $3)')
    .replace(FOREIGN, (_, name: string) => `from '${require.resolve(name)}'`)
  const path = join(FOLDER, `${block.page.replaceAll('/', '+')}+${block.line}.ts`)
  await mkdir(FOLDER, { recursive: true })
  await rm('.canary', { recursive: true, force: true }) // where the quickstart keeps its rollout
  await writeFile(path, `import { deepStrictEqual as __same } from 'node:assert/strict'\n${code}`)
  runs += 1
  return import(/* @vite-ignore */ `${path}?run=${runs}`) // a module runs once under one name
}
