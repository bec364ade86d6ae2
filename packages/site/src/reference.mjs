import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { Application } from 'typedoc'
import { PAGES, ROOT } from './folders.mjs'
import { withLivingAnchors } from './reference-anchors.mjs'

const REFERENCE = join(PAGES, 'reference')

/** Writes the reference of every entry that users import, from its docblocks, as pages in `reference`. */
export async function writeReference() {
  const entries = entriesOf(JSON.parse(readFileSync(join(ROOT, 'tsconfig.json'), 'utf8')))
  const app = await Application.bootstrapWithPlugins({
    plugin: ['typedoc-plugin-markdown', 'typedoc-vitepress-theme'],
    entryPoints: entries.map(({ file }) => join(ROOT, file)),
    tsconfig: join(ROOT, 'tsconfig.json'),
    basePath: ROOT,
    out: REFERENCE,
    docsRoot: PAGES,
    name: 'Reference',
    readme: 'none',
    router: 'module',
    sort: ['source-order'],
    groupOrder: ['Functions', 'Classes', 'Interfaces', 'Type Aliases', 'Variables', '*'],
    sortEntryPoints: false,
    excludeExternals: true,
    hideBreadcrumbs: true,
    hidePageHeader: true,
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    typeDeclarationFormat: 'table',
    useCodeBlocks: true,
    disableSources: true,
    excludeInternal: true,
    sanitizeComments: true,
    skipErrorChecking: true, // `npm run check` does it
    logLevel: 'Warn',
    validation: { notExported: false, invalidLink: true, rewrittenLink: true },
  })
  const project = await app.convert()
  if (project === undefined) throw new Error('typedoc could not read the sources')
  const names = new Map(entries.map(({ name, file }) => [file.replace(/(\/index)?\.ts$/, ''), name]))
  for (const module of project.children ?? []) module.name = names.get(module.name) ?? module.name
  await app.generateOutputs(project)
  repairAnchors()
}

function repairAnchors() {
  const paths = readdirSync(REFERENCE, { recursive: true }).filter((path) => path.endsWith('.md'))
  const pages = new Map(paths.map((path) => [path, readFileSync(join(REFERENCE, path), 'utf8')]))
  for (const [path, text] of withLivingAnchors(pages)) writeFileSync(join(REFERENCE, path), text)
}

/** The imports of published packages and their sources, as the settings of TypeScript list them. */
function entriesOf({ compilerOptions: { paths } }) {
  return Object.entries(paths)
    .map(([name, [file]]) => ({ name, file: relative(ROOT, join(ROOT, file)) }))
    .filter(({ file }) => isPublished(dirname(dirname(file))))
}

function isPublished(folder) {
  const manifest = join(ROOT, folder, 'package.json')
  return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).private !== true
}
