import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../src/', import.meta.url))
const ENTRIES = ['index', 'judge', 'controller', 'adapter', 'webhook', 'webhook-receiver', 'folder-store']

/** What `tsc` would publish of the entries, in memory. */
function declarations(): ReadonlyMap<string, string> {
  const written = new Map<string, string>()
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(root, '../../../tsconfig.json'), ts.sys.readFile).config,
    ts.sys,
    join(root, '../../..'),
  )
  const program = ts.createProgram(
    ENTRIES.map((entry) => join(root, `${entry}.ts`)),
    { ...options, noEmit: false, declaration: true, emitDeclarationOnly: true, paths: {} },
  )
  program.emit(undefined, (path, text) => void written.set(path, text), undefined, true)
  return written
}

/** What the public declarations export, and what is wrong with them. */
interface Surface {
  /** The names that each entry exports. */
  readonly names: ReadonlyMap<string, readonly string[]>
  /** Types that an export mentions and no entry exports, each with that export. */
  readonly hidden: readonly string[]
  /** Members of exported interfaces without a docstring. */
  readonly undocumented: readonly string[]
}

function surfaceOf(files: ReadonlyMap<string, string>): Surface {
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts'],
    types: ['node'],
    skipLibCheck: true,
    noEmit: true,
  }
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile, getSourceFile } = host
  host.fileExists = (path) => files.has(path) || (!isSource(path) && fileExists(path))
  host.readFile = (path) => files.get(path) ?? readFile(path)
  host.getSourceFile = (path, version, ...rest) => {
    const text = files.get(path)
    return text === undefined ? getSourceFile(path, version, ...rest) : ts.createSourceFile(path, text, version, true)
  }
  const entries = ENTRIES.map((entry) => join(root, `${entry}.d.ts`))
  const program = ts.createProgram(entries, options, host)
  const checker = program.getTypeChecker()

  const original = (symbol: ts.Symbol): ts.Symbol =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  const exported = new Map<ts.Symbol, string>()
  const names = new Map<string, string[]>()
  for (const [index, entry] of entries.entries()) {
    const module = checker.getSymbolAtLocation(program.getSourceFile(entry)!)!
    const symbols = checker.getExportsOfModule(module)
    for (const symbol of symbols) exported.set(original(symbol), symbol.name)
    names.set(
      ENTRIES[index]!,
      symbols.map(({ name }) => name),
    )
  }

  const hidden = new Set<string>()
  const undocumented = new Set<string>()
  for (const [symbol, name] of exported) {
    const visit = (node: ts.Node): void => {
      if (ts.isTypeReferenceNode(node) || ts.isExpressionWithTypeArguments(node)) {
        const found = checker.getSymbolAtLocation(ts.isTypeReferenceNode(node) ? node.typeName : node.expression)
        const target = found && original(found)
        const declaredAt = target?.declarations?.[0]
        const isOurs = declaredAt !== undefined && files.has(declaredAt.getSourceFile().fileName)
        const isParameter = target !== undefined && (target.flags & ts.SymbolFlags.TypeParameter) !== 0
        if (isOurs && !isParameter && !exported.has(target!) && target!.name !== 'ErrorCodes')
          hidden.add(`${name}: ${target!.name}`)
      }
      ts.forEachChild(node, visit)
    }
    for (const declaration of symbol.declarations ?? []) {
      visit(declaration)
      for (const member of ts.isInterfaceDeclaration(declaration) ? declaration.members : []) {
        if (ts.getJSDocCommentsAndTags(member).length === 0) undocumented.add(`${name}.${member.name?.getText()}`)
      }
    }
  }
  return { names, hidden: [...hidden].sort(), undocumented: [...undocumented].sort() }
}

const isSource = (path: string): boolean => dirname(path).startsWith(root.slice(0, -1)) && !path.endsWith('.d.ts')

describe('the public types', () => {
  const files = declarations()
  const { names, hidden, undocumented } = surfaceOf(files)

  it('can all be imported, because a type without a name cannot be written', () => {
    expect(files.size).toBeGreaterThan(100)
    expect(hidden).toEqual([])
  })

  it('have a sentence for each of their members', () => {
    expect(undocumented).toEqual([])
  })

  it('are at most 80, functions included, in the entry for apps', () => {
    expect(names.get('index')!.length).toBeGreaterThan(40)
    expect(names.get('index')!.length).toBeLessThanOrEqual(80)
  })

  it('are exported by one entry each, except the two judges and the messages of webhooks', () => {
    const all = [...names.values()].flat()
    expect(all.filter((name, index) => all.indexOf(name) !== index).sort()).toEqual([
      'EvidenceJudgeOptions',
      'MessageStatus',
      'ThresholdJudgeOptions',
      'WebhookData',
      'WebhookEvent',
      'WebhookMessage',
      'WebhookMessageOf',
      'evidenceJudge',
      'thresholdJudge',
    ])
  })
})
