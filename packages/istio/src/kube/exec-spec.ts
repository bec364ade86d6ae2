import { isAbsolute, resolve } from 'node:path'
import { quote } from './foreign-text.js'
import { isRecord, type JsonRecord } from './json-record.js'
import type { YamlReader } from './yaml-reader.js'

/** The `exec` entry of a kubeconfig: how to run a program that returns credentials. */
export interface ExecSpec {
  readonly apiVersion: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: readonly (readonly [name: string, value: string])[]
  /** The kubeconfig's hint for users who have not installed the program. */
  readonly installHint: string | undefined
  readonly provideClusterInfo: boolean
}

const WHERE = "the user's exec"
const VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1']

/** Reads the `exec` of a user's entry; `undefined` if there is none. @throws `KUBE_CONFIG` */
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
    throw reader.refuse(`${WHERE} interactiveMode must be Never or IfAvailable; there is no terminal`)
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

/** Resolves a relative path from the kubeconfig's folder. A bare name is left to the PATH. */
function pathOf(command: string, folder: string): string {
  return isAbsolute(command) || !/[\\/]/.test(command) ? command : resolve(folder, command)
}
