import type { RedisClient, RedisListener } from '../src/index.js'

/** A connected client, as a service has it. */
export interface Connected {
  readonly client: RedisClient & RedisListener
  close(): void
}

/** Connects a client to a port on loopback, with the settings that its documentation begins with. */
export type Connect = (
  port: number,
  user?: { readonly username: string; readonly password: string },
) => Promise<Connected>

/** The clients that the store is used with. */
export const CLIENTS: Readonly<Record<'ioredis 5' | 'ioredis 6' | 'iovalkey' | 'node-redis 6', Connect>> = {
  'ioredis 5': async (port, user) => {
    const { Redis } = await import('ioredis-v5')
    const client = new Redis({ port, ...user }).on('error', () => {})
    return { client, close: () => client.disconnect() }
  },
  'ioredis 6': async (port, user) => {
    const { Redis } = await import('ioredis')
    const client = new Redis({ port, ...user }).on('error', () => {})
    return { client, close: () => client.disconnect() }
  },
  iovalkey: async (port, user) => {
    const { Redis } = await import('iovalkey')
    const client = new Redis({ port, ...user }).on('error', () => {})
    return { client, close: () => client.disconnect() }
  },
  'node-redis 6': async (port, user) => {
    const { createClient } = await import('redis')
    const client = createClient({ socket: { port, host: '127.0.0.1' }, ...user }).on('error', () => {})
    await client.connect()
    return { client, close: () => client.destroy() }
  },
}
