// Checks the Markdown that users read: the length of its lines, and phrases that readers stumble over.
// With arguments it checks those pages; without arguments every page of the workspace except EXCEPTIONS.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { ROOT } from './workspace.mjs'

const WIDTH = 120

/** Pages and folders that are not checked, each with its reason. */
const EXCEPTIONS = {
  'CHANGELOG.md': 'entries of past versions stay as they were written',
  'docs/decisions': 'written for maintainers, and not rewritten yet',
}

/** Each phrase that is out, with what to write instead. */
const PHRASES = [
  [/\bnone of\b/i, '"not", or name what there is'],
  [/\b(is|are|was|were) none\b/i, '"does not count as"'],
  [/(?<!\bthere )\b(is|are) no (?!longer\b|more\b|worse\b)/i, '"is not a", or "there is no"'],
  [/\bnobody\b/i, 'name who does not, or use the passive'],
  [/\b(whoever|whatever|whichever)\b/i, '"anyone who", "regardless of", or name the cases'],
  [/\banew\b/i, '"again"'],
  [/\bso many\b/i, 'the number'],
  [/\bat once\b/i, '"immediately", or "at the same time"'],
  [/\bbeside\b/i, '"in addition to", or "next to"'],
  [/\bas far as\b/i, '"if", or name the cases'],
  [/\bunder way\b/i, '"open", "pending", or "in progress"'],
  [/\bin earnest\b/i, '"in production"'],
  [/\bbelongs? into\b/i, '"belongs in"'],
  [/\bthe (eyes|hands) of\b/i, 'what it reads or writes'],
]

/** The pages that are checked, by their paths from the root. */
function pages() {
  const markdown = (folder) =>
    readdirSync(join(ROOT, folder), { withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
      .map(({ name }) => join(folder, name))
  const folders = (folder) =>
    readdirSync(join(ROOT, folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(folder, name))
  const groups = ['packages', 'examples', 'docs'].flatMap(folders)
  return ['.', 'docs', ...groups]
    .filter((folder) => !Object.hasOwn(EXCEPTIONS, folder))
    .flatMap(markdown)
    .filter((page) => !Object.hasOwn(EXCEPTIONS, page))
    .map((page) => join(ROOT, page))
}

/** The text with spaces in place of code, comments and what is generated between two comments. Lines stay where they are. */
function proseOf(text) {
  const code = [
    /^ *```.*\n[\s\S]*?^ *```$/gm,
    /^<!-- ([\w:]+) -->\n[\s\S]*?^<!-- \/\1 -->$/gm,
    /(?<=\n\n)(?: {4}.*\n)+/g,
    /`[^`]+`/g,
  ]
  return code.reduce((left, pattern) => left.replace(pattern, (match) => match.replace(/[^\n]/g, ' ')), text)
}

/** What is wrong with a text, as `{ line, fault }` in the order of the lines. */
function faultsIn(text) {
  const prose = proseOf(text)
  const lines = text.split('\n')
  const proseLines = prose.split('\n')
  const tooLong = lines.flatMap((line, index) =>
    [...line].length > WIDTH && proseLines[index].trim() !== '' && !line.startsWith('|')
      ? [{ line: index + 1, fault: `${[...line].length} columns, at most ${WIDTH}` }]
      : [],
  )
  const out = PHRASES.flatMap(([pattern, better]) =>
    [...prose.matchAll(new RegExp(pattern.source.replaceAll(' ', '\\s+'), 'gi'))].map((match) => ({
      line: prose.slice(0, match.index).split('\n').length,
      fault: `"${match[0].replace(/\s+/g, ' ').trim()}": write ${better}`,
    })),
  )
  return [...tooLong, ...out].sort((one, other) => one.line - other.line)
}

const given = process.argv.slice(2).map((path) => resolve(path))
const found = (given.length > 0 ? given : pages()).flatMap((path) =>
  faultsIn(readFileSync(path, 'utf8')).map(({ line, fault }) => `${relative(ROOT, path)}:${line}: ${fault}`),
)
for (const fault of found) console.log(fault)
process.exitCode = found.length > 0 ? 1 : 0
