import { CanaryError } from '@model-canary/core'
import { messageOf } from '@model-canary/foundation'
import { parseDocument } from 'yaml'
import { quote } from './foreign-text.js'
import { isRecord, type JsonRecord } from './json-record.js'

/** Reads members of a configuration. Its errors name the file and the place, and never quote a value. */
export interface YamlReader {
  refuse(detail: string, cause?: unknown): CanaryError
  text(record: JsonRecord, name: string, where: string): string | undefined
  flag(record: JsonRecord, name: string, where: string): boolean
  list(record: JsonRecord, name: string, where: string): readonly unknown[]
  /** Returns `member` of the entry called `name` in `list`, such as `clusters` or `users`. */
  entry(root: JsonRecord, list: string, name: string, member: string): JsonRecord
}

/** Parses a YAML file. @throws `KUBE_CONFIG` */
export function readYaml(path: string, text: string): readonly [root: JsonRecord, reader: YamlReader] {
  const refuse = (detail: string, cause?: unknown) => new CanaryError('KUBE_CONFIG', `${path}: ${detail}`, { cause })
  const root = parse(text, refuse)
  if (!isRecord(root))
    throw refuse('it is not a kubeconfig; it must be a YAML mapping with clusters, users and contexts')

  const member = <T>(type: string, isOfType: (value: unknown) => value is T) => {
    return (record: JsonRecord, name: string, where: string): T | undefined => {
      const value = Object.hasOwn(record, name) ? (record[name] ?? undefined) : undefined
      if (value === undefined || isOfType(value)) return value
      throw refuse(`${where} ${name} must be ${type}`)
    }
  }
  const text_ = member('a string', (value) => typeof value === 'string')
  const flag = member('true or false', (value) => typeof value === 'boolean')
  const list = member('a list', (value): value is unknown[] => Array.isArray(value))

  const reader: YamlReader = {
    refuse,
    text: (record, name, where) => text_(record, name, where) || undefined,
    flag: (record, name, where) => flag(record, name, where) ?? false,
    list: (record, name, where) => list(record, name, where) ?? [],
    entry(root, listName, name, memberName) {
      const found = reader.list(root, listName, 'the top level').find((entry) => isRecord(entry) && entry.name === name)
      const value = isRecord(found) ? found[memberName] : undefined
      if (isRecord(value)) return value
      throw refuse(
        `${listName} has no entry "${quote(name, 200)}"; use the name of an existing entry (only one file is read)`,
      )
    },
  }
  return [root, reader]
}

/** Reports a parser error only by its code and line, because its message may quote a line with a token. */
function parse(text: string, refuse: YamlReader['refuse']): unknown {
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'silent' })
  const [error] = document.errors
  if (error !== undefined) {
    const line = text.slice(0, error.pos[0]).split('\n').length
    throw refuse(`it is not valid YAML (${error.code} in line ${line}); correct it`)
  }
  try {
    return document.toJS()
  } catch (cause) {
    throw refuse(`its aliases cannot be resolved (${messageOf(cause)}); write them out`)
  }
}
