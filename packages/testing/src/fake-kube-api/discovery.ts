import { segmentsOf } from './path.js'
import { apiVersionOf, type FakeResource } from './resource.js'

const VERBS = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch']

/** Returns the discovery document of a path; `undefined` if the path has none. */
export function discover(resources: readonly FakeResource[], pathname: string): object | undefined {
  const [root, ...rest] = segmentsOf(pathname)
  if (root === 'version' && rest.length === 0) return { major: '1', minor: '32', gitVersion: 'v1.32.0' }
  if (root === 'api') return discoverCore(resources, rest)
  if (root !== 'apis' || rest.length > 2) return undefined
  const [group, version] = rest
  if (group === undefined) return { kind: 'APIGroupList', apiVersion: 'v1', groups: groupsOf(resources) }
  if (version !== undefined) return listOf(resources, group, version)
  const found = groupsOf(resources).find(({ name }) => name === group)
  return found && { kind: 'APIGroup', apiVersion: 'v1', ...found }
}

function discoverCore(resources: readonly FakeResource[], [version, ...rest]: readonly string[]): object | undefined {
  if (rest.length > 0) return undefined
  return version === undefined ? { kind: 'APIVersions', versions: ['v1'] } : listOf(resources, '', version)
}

function groupsOf(resources: readonly FakeResource[]) {
  const names = [...new Set(resources.map(({ group }) => group))].filter((group) => group !== '')
  return names.map((name) => {
    const ofGroup = resources.filter(({ group }) => group === name)
    const versions = [...new Set(ofGroup.flatMap((resource) => resource.versions))].map((version) => ({
      groupVersion: apiVersionOf(name, version),
      version,
    }))
    return { name, versions, preferredVersion: versions[0] }
  })
}

function listOf(resources: readonly FakeResource[], group: string, version: string): object | undefined {
  const served = resources.filter((resource) => resource.group === group && resource.versions.includes(version))
  if (served.length === 0) return undefined
  const list = served.flatMap(entriesOf)
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersionOf(group, version), resources: list }
}

function entriesOf({ plural, kind, shortNames = [], builtIn }: FakeResource): readonly object[] {
  const entry = { name: plural, singularName: kind.toLowerCase(), namespaced: true, kind, verbs: VERBS, shortNames }
  const status = {
    name: `${plural}/status`,
    singularName: '',
    namespaced: true,
    kind,
    verbs: ['get', 'patch', 'update'],
  }
  return builtIn ? [entry] : [entry, status]
}
