import { objectPath } from '../kube/address.js'
import type { KubeAddress } from '../kube/kube.js'

/** Returns the address if it is valid. @throws `INVALID_OPTION` */
export function checkAddress(address: KubeAddress): KubeAddress {
  objectPath(address)
  return address
}
