/** One rule of a Role, as in its manifest. `*` means everything. */
export interface FakeRole {
  readonly apiGroups: readonly string[]
  /** Plurals; the status of an object is a resource of its own, such as `virtualservices/status`. */
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
  /** The only objects that the rule applies to. As on a real server, they never allow a create. */
  readonly resourceNames?: readonly string[]
  /** The only namespace that the rule applies to. @default all, as in a ClusterRole */
  readonly namespace?: string
}

/** What a request wants to do. */
export interface Wish {
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly namespace: string | undefined
  readonly name: string | undefined
}

/** Returns whether one of the rules allows a request. */
export function isAllowed(roles: readonly FakeRole[], { verb, group, resource, namespace, name }: Wish): boolean {
  return roles.some(
    (role) =>
      covers(role.apiGroups, group) &&
      covers(role.resources, resource) &&
      covers(role.verbs, verb) &&
      (role.namespace === undefined || role.namespace === namespace) &&
      (role.resourceNames === undefined || (name !== undefined && role.resourceNames.includes(name))),
  )
}

const covers = (words: readonly string[], word: string): boolean => words.includes('*') || words.includes(word)
