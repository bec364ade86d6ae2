/** The programs that can be found: servers and their tools. */
export const SERVER_NAMES = [
  'prometheus',
  'promtool',
  'haproxy',
  'kubectl',
  'redis-server',
  'valkey-server',
  'faketime',
  'valgrind',
  'vgdb',
  'chromium',
  'fish',
  'zsh',
] as const

/** The name of a server's program. */
export type ServerName = (typeof SERVER_NAMES)[number]
