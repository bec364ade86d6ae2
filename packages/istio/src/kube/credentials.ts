/** What a request is sent with: who asks, and whom it trusts. All certificates and keys are PEM. */
export interface KubeCredentials {
  /** The bearer token. */
  readonly token?: string | undefined
  /** The authorities that may have signed the server's certificate. @default those that Node trusts */
  readonly ca?: string | undefined
  /** The client's certificate; goes with `key`. */
  readonly cert?: string | undefined
  readonly key?: string | undefined
  /** True accepts any certificate: anybody in between can read and change everything. @default false */
  readonly insecureSkipTlsVerify?: boolean | undefined
  /** The name that the server's certificate must have. @default the host of the server */
  readonly serverName?: string | undefined
}

/** How a server is reached and who asks. */
export interface KubeConnection {
  /** The server's URL, `https:` or `http:`; a path before the API's own works. */
  readonly server: string
  /** The namespace that is meant where none is named. */
  readonly namespace?: string | undefined
  /** Asked before every request: remembers what it may, and never takes for ever. */
  credentials(signal?: AbortSignal): Promise<KubeCredentials>
  /** Told that the server refused them, so that the next ones are fetched anew. */
  refuse?(): void
}
