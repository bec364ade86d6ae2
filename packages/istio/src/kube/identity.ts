import type { KubeCredentials } from './credentials.js'

/** The credentials of a kubeconfig's user. */
export interface Identity {
  /** The credentials that are known without running a program, so that they can be checked immediately. */
  readonly last: KubeCredentials
  /** Resolves to the current credentials; runs a program or reads files if need be. */
  read(): Promise<KubeCredentials>
  /** Drops the credentials, because the server rejected them. */
  refuse(): void
}
