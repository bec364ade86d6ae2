/** The destination of a request, parsed from its path. */
export interface ApiPath {
  readonly group: string
  readonly version: string
  /** Omitted for all namespaces. */
  readonly namespace: string | undefined
  readonly plural: string
  readonly name: string | undefined
  readonly subresource: string | undefined
}

/** Reads a path such as `/apis/networking.istio.io/v1/namespaces/default/virtualservices/sentiment`. */
export function readPath(pathname: string): ApiPath | undefined {
  const [root, ...segments] = segmentsOf(pathname)
  const [group, version, ...rest] = root === 'api' ? ['', ...segments] : segments
  if ((root !== 'api' && root !== 'apis') || group === undefined || version === undefined) return undefined

  const isNamespaced = rest[0] === 'namespaces' && rest.length > 2
  const [plural, name, subresource, ...more] = isNamespaced ? rest.slice(2) : rest
  if (plural === undefined || more.length > 0) return undefined
  return { group, version, namespace: isNamespaced ? rest[1] : undefined, plural, name, subresource }
}

/** Returns the decoded segments of a path; none if it cannot be decoded. */
export function segmentsOf(pathname: string): readonly string[] {
  try {
    return pathname.split('/').filter(Boolean).map(decodeURIComponent)
  } catch {
    return []
  }
}
