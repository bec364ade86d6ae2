import { isAbsolute, resolve } from 'node:path'
import { quote } from './foreign-text.js'
import { isRecord, type JsonRecord } from './json-record.js'
import type { YamlReader } from './yaml-reader.js'

/** How a program is asked for credentials. */
export interface ExecSpec {
  readonly apiVersion: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: readonly (readonly [name: string, value: string])[]
  /** What the kubeconfig says to somebody who lacks the program. */
  readonly installHint: string | undefined
  readonly provideClusterInfo: boolean
}

const WHERE = "the user's exec"
const VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1']

/** Reads the `exec` of a user's entry, where there is one. @throws `KUBE_CONFIG` */
export function readExecSpec(reader: YamlReader, user: JsonRecord, folder: string): ExecSpec | undefined {
  const exec = user.exec ?? undefined
  if (exec === undefined) return undefined
  if (!isRecord(exec)) throw reader.refuse(`${WHERE} must be a mapping`)
  const apiVersion = reader.text(exec, 'apiVersion', WHERE)
  if (apiVersion === undefined || !VERSIONS.includes(apiVersion)) {
    throw reader.refuse(`${WHERE} apiVersion must be ${VERSIONS.join(' or ')}; update the plugin and its entry`)
  }
  const command = reader.text(exec, 'command', WHERE)
  if (command === undefined) throw reader.refuse(`${WHERE} command is missing; name the program`)
  const mode = reader.text(exec, 'interactiveMode', WHERE) ?? 'IfAvailable'
  if (mode !== 'Never' && mode !== 'IfAvailable') {
    throw reader.refuse(`${WHERE} interactiveMode must be Never or IfAvailable: there is no terminal here`)
  }
  const installHint = reader.text(exec, 'installHint', WHERE)
  return {
    apiVersion,
    command: pathOf(command, folder),
    args: reader.list(exec, 'args', WHERE).map((value) => {
      if (typeof value === 'string') return value
      throw reader.refuse(`${WHERE} args must be strings; put them in quotes`)
    }),
    env: reader.list(exec, 'env', WHERE).map((entry) => {
      if (isRecord(entry) && typeof entry.name === 'string' && typeof entry.value === 'string') {
        return [entry.name, entry.value] as const
      }
      throw reader.refuse(`${WHERE} env must be a list of { name, value } with strings`)
    }),
    installHint: installHint === undefined ? undefined : quote(installHint),
    provideClusterInfo: reader.flag(exec, 'provideClusterInfo', WHERE),
  }
}

/** A bare name is looked for on the PATH, a relative path from the kubeconfig's folder. */
function pathOf(command: string, folder: string): string {
  return isAbsolute(command) || !/[\\/]/.test(command) ? command : resolve(folder, command)
}
