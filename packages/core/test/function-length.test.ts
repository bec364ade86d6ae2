import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

/** About a screen: a function that is longer cannot be read at once. */
const MOST_LINES = 60

const packages = fileURLToPath(new URL('../../', import.meta.url))

/** The packages whose code is published. `testing` is left out: its contracts are tests. */
const PUBLISHED = [
  'cli',
  'core',
  'express',
  'fastify',
  'istio',
  'koa',
  'openfeature',
  'opentelemetry',
  'prometheus',
  'redis',
]

const sources = PUBLISHED.flatMap((name) =>
  readdirSync(join(packages, name, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !/\.(test|test-d|fixture)\.ts$/.test(path))
    .map((path) => join(name, 'src', path)),
)

interface Measured {
  readonly name: string
  readonly lines: number
}

/** Returns all functions of a file with a body, and how many lines each has. */
function functionsIn(path: string, text: string): readonly Measured[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const found: Measured[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
      const [first, last] = [node.getStart(), node.end].map((at) => source.getLineAndCharacterOfPosition(at).line)
      found.push({ name: `${path} ${nameOf(node)}`, lines: last! - first! + 1 })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** Returns the name of a function, or of the variable that it is assigned to. */
function nameOf(node: ts.SignatureDeclaration): string {
  const { name, parent } = node
  if (name !== undefined) return name.getText()
  return ts.isVariableDeclaration(parent) ? parent.name.getText() : 'unnamed'
}

const functions = sources.flatMap((path) => functionsIn(path, readFileSync(join(packages, path), 'utf8')))

describe('the functions', () => {
  it(`have ${MOST_LINES} lines at most`, () => {
    expect(functions.length).toBeGreaterThan(1_000)
    const long = functions.filter(({ lines }) => lines > MOST_LINES).map(({ name }) => name)
    expect(long).toEqual([])
  })

  it('are measured from the first line to the last', () => {
    const text = ['const a = () => 1', 'function b() {', '  return 2', '}'].join('\n')
    expect(functionsIn('x.ts', text)).toEqual([
      { name: 'x.ts a', lines: 1 },
      { name: 'x.ts b', lines: 3 },
    ])
  })
})
