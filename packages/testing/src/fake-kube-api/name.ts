const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'

const SUBDOMAIN = new RegExp(`^${LABEL}(\\.${LABEL})*$`)

/** Returns whether an object may have this name: a DNS subdomain of at most 253 characters. RFC 1123. */
export function isSubdomain(name: string): boolean {
  return name.length <= 253 && SUBDOMAIN.test(name)
}

/** Returns the message about an invalid name. */
export const NOT_A_SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"
