import { objectPath } from '../kube/address.js'
import type { KubeAddress } from '../kube/kube.js'

/** The address itself, if it can be one. @throws `INVALID_OPTION` */
export function checkAddress(address: KubeAddress): KubeAddress {
  objectPath(address)
  return address
}
