/** A Kubernetes API server under test: a real one, or whatever takes its place. */
export interface KubeApiServer {
  /** Such as `https://127.0.0.1:6443`. */
  readonly url: string
  /**
   * The bearer token of an account that may do everything with VirtualServices and ConfigMaps in the namespace.
   * @default none
   */
  readonly token?: string
  /** The certificate authority of the server, as PEM text. @default those that Node trusts */
  readonly ca?: string
  /** The namespace in which the contract creates and removes its objects. */
  readonly namespace: string
  /** Called after each rule that has its own server. */
  close?(): Promise<void>
}

/** Yields the server for one rule: the same one each time, or a new one. */
export type ConnectKubeApi = () => KubeApiServer | Promise<KubeApiServer>
