import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'

/** Writes a kubeconfig with one cluster, one user and one context, and returns its path. */
export function writeKubeconfig(folder: string, { cluster = {}, user = {}, context = {}, root = {} } = {}): string {
  const path = join(folder, 'config')
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:6443', ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u', ...context } }],
    ...root,
  }
  writeFileSync(path, stringify(config))
  return path
}
