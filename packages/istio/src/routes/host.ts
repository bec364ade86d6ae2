/** Returns a service's full name in the cluster. A short name belongs to the namespace in which it is used. */
export const fullHost = (host: unknown, namespace: string): string => {
  const name = String(host).toLowerCase()
  return name.includes('.') ? name : `${name}.${namespace}.svc.cluster.local`
}
