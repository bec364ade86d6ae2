/** The client's identity and the authorities it trusts. All certificates and keys are PEM. */
export interface KubeCredentials {
  /** The bearer token. */
  readonly token?: string | undefined
  /** The certificate authorities trusted to sign the server's certificate. @default those that Node trusts */
  readonly ca?: string | undefined
  /** The client's certificate; needs `key`. */
  readonly cert?: string | undefined
  /** The private key of `cert`. */
  readonly key?: string | undefined
  /** Accepts any certificate, so anyone on the network path can read and change all traffic. @default false */
  readonly insecureSkipTlsVerify?: boolean | undefined
  /** The name that the server's certificate must contain. @default the server's host */
  readonly serverName?: string | undefined
}

/** A server's address and the credentials for it. */
export interface KubeConnection {
  /** The server's URL, `https:` or `http:`, optionally with a path in front of the API's. */
  readonly server: string
  /** The default namespace. */
  readonly namespace?: string | undefined
  /** Returns the credentials. It is called before every request, so it must cache them and must not hang. */
  credentials(signal?: AbortSignal): Promise<KubeCredentials>
  /** Called when the server rejected the credentials; the next call of `credentials` must fetch fresh ones. */
  refuse?(): void
}
