import { resolve } from 'node:path'
import type { Clock } from '@model-canary/core'
import { fileValue, fixedValue, type Value } from './file-value.js'
import type { JsonRecord } from './json-record.js'
import type { YamlReader } from './yaml-reader.js'

/** The place that the values of a kubeconfig are read from. */
export interface ValuePlace {
  readonly reader: YamlReader
  /** The folder of the kubeconfig, from which relative paths are resolved. */
  readonly folder: string
  readonly clock: Clock
}

/**
 * Returns the PEM text of `<name>-data`, which is base64, or else of the file at `<name>`.
 *
 * @throws `KUBE_CONFIG`
 */
export function pemValue(place: ValuePlace, record: JsonRecord, name: string, where: string): Value | undefined {
  const { reader, folder, clock } = place
  const data = reader.text(record, `${name}-data`, where)
  if (data !== undefined) {
    const pem = Buffer.from(data, 'base64').toString('utf8')
    if (!pem.includes('-----BEGIN ')) throw reader.refuse(`${where} ${name}-data must be a PEM text in base64`)
    return fixedValue(pem)
  }
  const path = reader.text(record, name, where)
  return path === undefined ? undefined : fileValue(resolve(folder, path), clock)
}

/** Returns the user's token from `tokenFile`, or else from `token`. @throws `KUBE_CONFIG` */
export function tokenValue({ reader, folder, clock }: ValuePlace, user: JsonRecord): Value | undefined {
  const path = reader.text(user, 'tokenFile', "the user's")
  if (path !== undefined) return fileValue(resolve(folder, path), clock)
  const token = reader.text(user, 'token', "the user's")
  return token === undefined ? undefined : fixedValue(token.trim())
}
