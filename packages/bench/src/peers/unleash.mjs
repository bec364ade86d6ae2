import { once } from 'node:events'
import unleash from 'unleash-client'

/** Unleash with bootstrapped toggles and metrics off: a flexible rollout to 10 %, sticky by `userId`. */
export async function unleashClient() {
  const rollout = {
    name: 'flexibleRollout',
    parameters: { rollout: '10', stickiness: 'userId', groupId: 'canary' },
  }
  const client = new unleash.Unleash({
    appName: 'bench',
    url: 'http://127.0.0.1:9/', // asked once without success: the bootstrap is used
    refreshInterval: 0,
    disableMetrics: true,
    storageProvider: new unleash.InMemStorageProvider(),
    bootstrap: { data: [{ name: 'canary', enabled: true, strategies: [rollout] }] },
  })
  client.on('error', () => {})
  client.on('warn', () => {})
  await once(client, 'ready')
  return {
    isCanary: (key) => client.isEnabled('canary', { userId: key }),
    close: () => client.destroy(),
  }
}
