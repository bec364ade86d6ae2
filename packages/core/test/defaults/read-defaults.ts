import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/** What a text of TypeScript evaluates to, as JSON; `undefined` where it is not a literal. */
type Literal = string | undefined

/** A member of an options interface, and what its `@default` tag says. */
export interface Told {
  readonly options: string
  readonly member: string
  readonly text: string
  readonly literal: Literal
}

/** One entry of a maker's object of defaults, for the options that it belongs to. */
export interface Default {
  readonly object: string
  readonly options: string
  readonly member: string
  readonly literal: Literal
}

/** What the sources say about defaults. */
export interface Defaults {
  readonly told: readonly Told[]
  readonly made: readonly Default[]
  /** The text of all sources. */
  readonly text: string
}

/** Reads the `@default` tags and the objects named `…_DEFAULTS` from the sources in some folders. */
export function readDefaults(folders: readonly string[]): Defaults {
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.ts$/.test(name) && !/\.(test|test-d|fixture)\.ts$/.test(name))
      .map((name) => readFileSync(join(folder, name), 'utf8')),
  )
  const parsed = files.map((text) => ts.createSourceFile('source.ts', text, ts.ScriptTarget.ES2022, true))
  const constants = new Map<string, ts.Expression>()
  const told: Told[] = []
  for (const file of parsed) {
    for (const statement of file.statements) {
      if (ts.isInterfaceDeclaration(statement)) told.push(...tagsOf(statement.name.text, statement.members))
      if (ts.isTypeAliasDeclaration(statement)) told.push(...tagsOfType(statement.name.text, statement.type))
      if (!ts.isVariableStatement(statement)) continue
      for (const { name, initializer } of statement.declarationList.declarations) {
        if (initializer !== undefined && /_DEFAULTS$/.test(name.getText())) constants.set(name.getText(), initializer)
      }
    }
  }
  const made = [...constants].flatMap(([object, expression]) => entriesOf(object, expression, constants))
  return { told, made, text: files.join('\n') }
}

function tagsOfType(name: string, type: ts.TypeNode): readonly Told[] {
  if (ts.isTypeLiteralNode(type)) return tagsOf(name, type.members)
  return ts.isIntersectionTypeNode(type) ? type.types.flatMap((part) => tagsOfType(name, part)) : []
}

function tagsOf(options: string, members: Iterable<ts.TypeElement>): readonly Told[] {
  return [...members].flatMap((member) =>
    ts
      .getJSDocTags(member)
      .filter(({ tagName }) => tagName.text === 'default')
      .map(({ comment }) => {
        const text = ts.getTextOfJSDocComment(comment) ?? ''
        const given = { options, member: member.name?.getText() ?? '', text }
        return { ...given, literal: literalOfText(text) }
      }),
  )
}

/** Returns the literal that a text begins with. It may say more after a comma: `null, none`. */
export function literalOfText(text: string): Literal {
  const { statements } = ts.createSourceFile('tag.ts', `(${text})`, ts.ScriptTarget.ES2022, true)
  const statement = statements[0]
  if (statement === undefined || !ts.isExpressionStatement(statement)) return undefined
  let inner: ts.Expression = statement.expression
  while (ts.isParenthesizedExpression(inner)) inner = inner.expression
  while (ts.isBinaryExpression(inner) && inner.operatorToken.kind === ts.SyntaxKind.CommaToken) inner = inner.left
  // A literal that runs into prose, such as "2 requests", leaves something behind without a comma.
  const rest = text.slice(inner.getEnd() - 1)
  return /^\s*(,|$)/.test(rest) ? literalOf(inner, new Map()) : undefined
}

function entriesOf(
  object: string,
  expression: ts.Expression,
  constants: ReadonlyMap<string, ts.Expression>,
): readonly Default[] {
  if (!ts.isSatisfiesExpression(expression)) throw new Error(`${object} must end with "satisfies Defaults<…>"`)
  const options = /^Defaults<\s*(\w+)/.exec(expression.type.getText())?.[1]
  const literal = objectIn(expression)
  if (options === undefined || literal === undefined) throw new Error(`${object} is not an object of Defaults<…>`)
  return literal.properties.filter(ts.isPropertyAssignment).map(({ name, initializer }) => {
    return { object, options, member: name.getText(), literal: literalOf(initializer, constants) }
  })
}

function objectIn(expression: ts.Expression): ts.ObjectLiteralExpression | undefined {
  let inner = expression
  while (ts.isSatisfiesExpression(inner) || ts.isAsExpression(inner)) inner = inner.expression
  return ts.isObjectLiteralExpression(inner) ? inner : undefined
}

/** The JSON of an expression that consists of literals, and of names of other objects of defaults. */
function literalOf(expression: ts.Expression, constants: ReadonlyMap<string, ts.Expression>): Literal {
  const value = evaluate(expression, constants)
  return value === undefined ? undefined : JSON.stringify(value)
}

function evaluate(expression: ts.Expression, constants: ReadonlyMap<string, ts.Expression>): unknown {
  if (ts.isSatisfiesExpression(expression) || ts.isAsExpression(expression))
    return evaluate(expression.expression, constants)
  if (ts.isNumericLiteral(expression)) return Number(expression.text)
  if (ts.isStringLiteral(expression)) return expression.text
  if (expression.kind === ts.SyntaxKind.TrueKeyword) return true
  if (expression.kind === ts.SyntaxKind.FalseKeyword) return false
  if (expression.kind === ts.SyntaxKind.NullKeyword) return null
  if (ts.isIdentifier(expression)) {
    const known = constants.get(expression.text)
    return known === undefined ? undefined : evaluate(known, constants)
  }
  if (ts.isArrayLiteralExpression(expression)) {
    const values = expression.elements.map((element) => evaluate(element, constants))
    return values.includes(undefined) ? undefined : values
  }
  if (!ts.isObjectLiteralExpression(expression)) return undefined
  const entries = expression.properties.map((property) =>
    ts.isPropertyAssignment(property)
      ? ([property.name.getText(), evaluate(property.initializer, constants)] as const)
      : undefined,
  )
  return entries.some((entry) => entry?.[1] === undefined)
    ? undefined
    : Object.fromEntries(entries as [string, unknown][])
}
