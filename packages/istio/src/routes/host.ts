/** A service's full name in the cluster: short names are of the namespace that they are used in. */
export const fullHost = (host: unknown, namespace: string): string => {
  const name = String(host).toLowerCase()
  return name.includes('.') ? name : `${name}.${namespace}.svc.cluster.local`
}
