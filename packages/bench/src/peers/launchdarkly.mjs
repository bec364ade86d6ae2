import launchDarkly from '@launchdarkly/node-server-sdk'
import { TestData } from '@launchdarkly/node-server-sdk/integrations'

const ROLLOUT = {
  contextKind: 'user',
  bucketBy: 'key',
  variations: [
    { variation: 0, weight: 10_000 },
    { variation: 1, weight: 90_000 },
  ],
}

/**
 * LaunchDarkly with its flag in memory and events off: a rollout to 10 % of the users.
 * Its `offline: true` would answer with the default and decide nothing.
 */
export async function launchDarklyClient() {
  const flags = new TestData()
  flags.usePreconfiguredFlag({
    key: 'canary',
    version: 1,
    on: true,
    salt: 'bench',
    variations: [true, false],
    offVariation: 1,
    targets: [],
    rules: [],
    prerequisites: [],
    fallthrough: { rollout: ROLLOUT },
  })
  const client = launchDarkly.init('sdk-key', {
    updateProcessor: flags.getFactory(),
    sendEvents: false,
    diagnosticOptOut: true,
    logger: launchDarkly.basicLogger({ level: 'none' }),
  })
  await client.waitForInitialization({ timeout: 10 })
  return {
    isCanary: (key) => client.boolVariation('canary', { kind: 'user', key }, false),
    close: () => client.close(),
  }
}
