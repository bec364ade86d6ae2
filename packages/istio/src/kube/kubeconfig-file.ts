import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { readNow } from './file-value.js'
import type { JsonRecord } from './json-record.js'
import { readYaml, type YamlReader } from './yaml-reader.js'

/** The entries of one context of a kubeconfig. */
export interface Chosen {
  readonly cluster: JsonRecord
  /** Empty if the context has no user. */
  readonly user: JsonRecord
  readonly namespace: string | undefined
  readonly reader: YamlReader
}

/** Returns the path of the kubeconfig that `kubectl` reads first. */
export function defaultPath(): string {
  const named = process.env.KUBECONFIG?.split(delimiter).find((path) => path !== '')
  return named ?? join(homedir(), '.kube', 'config')
}

/** Reads one context of a kubeconfig. @throws `KUBE_CONFIG` */
export function readKubeconfig(path: string, wanted: string | undefined): Chosen {
  const [root, reader] = readYaml(path, readNow(path))
  const name = wanted ?? reader.text(root, 'current-context', 'the top level')
  if (name === undefined) throw reader.refuse('it has no current-context; pass the context to use')
  const context = reader.entry(root, 'contexts', name, 'context')
  const clusterName = reader.text(context, 'cluster', 'the context')
  if (clusterName === undefined) throw reader.refuse('the context has no cluster; add one')
  const userName = reader.text(context, 'user', 'the context')
  return {
    cluster: reader.entry(root, 'clusters', clusterName, 'cluster'),
    user: userName === undefined ? {} : reader.entry(root, 'users', userName, 'user'),
    namespace: reader.text(context, 'namespace', 'the context'),
    reader,
  }
}
