import { dirname, join } from 'node:path'
import ts from 'typescript'
import { type CodeBlock, ROOT } from './markdown.js'

/** What the blocks may use without declaring it. */
const NAMES = join(ROOT, 'docs/names.d.ts')

/** Where a block's imports are resolved: in the package that it shows, otherwise beside the tests. */
export function folderOf({ code }: CodeBlock): string {
  const shown = /from '(?:@model-canary\/)?(express|koa|fastify|openfeature|opentelemetry|redis|hono)'/.exec(code)?.[1]
  return join(ROOT, 'packages', shown === 'hono' ? 'site' : (shown ?? 'testing')) // Hono has no package of its own
}

/** The path of a block for the compiler. Nothing is written there. */
const pathOf = (block: CodeBlock): string =>
  join(folderOf(block), `${block.page.replaceAll('/', '+')}+${block.line}.ts`)

/** Checks every block as a separate module, with the workspace's settings. Returns the faults by line. */
export function typeCheck(blocks: readonly CodeBlock[]): readonly string[] {
  const config = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config.config, { ...ts.sys, readDirectory: () => [] }, ROOT)
  const settings = {
    ...options,
    noUnusedLocals: false,
    noUnusedParameters: false,
    moduleDetection: ts.ModuleDetectionKind.Force,
  }
  const virtual = new Map(blocks.map((block) => [pathOf(block), block]))
  const host = ts.createCompilerHost(settings)
  const { fileExists, readFile } = host
  host.fileExists = (path) => virtual.has(path) || fileExists(path)
  host.readFile = (path) => virtual.get(path)?.code ?? readFile(path)
  host.getSourceFile = (path, target) => {
    const text = host.readFile(path)
    return text === undefined ? undefined : ts.createSourceFile(path, text, target)
  }
  const program = ts.createProgram([...virtual.keys(), NAMES], settings, host)
  const names = program.getSourceFile(NAMES)
  return [
    ...(names === undefined ? [`${dirname(NAMES)} has no names.d.ts`] : program.getSemanticDiagnostics(names)),
    ...[...virtual].flatMap(([path]) => {
      const source = program.getSourceFile(path)!
      return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
    }),
  ].map((problem) => (typeof problem === 'string' ? problem : describe(problem, virtual)))
}

function describe({ file, start = 0, messageText }: ts.Diagnostic, virtual: ReadonlyMap<string, CodeBlock>): string {
  const block = file && virtual.get(file.fileName)
  const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line
  const message = ts.flattenDiagnosticMessageText(messageText, ' ')
  return block === undefined ? `${file?.fileName}: ${message}` : `${block.page}:${block.line + line}: ${message}`
}
