import { InMemoryProvider, OpenFeature } from '@openfeature/server-sdk'

/**
 * OpenFeature with the provider that it brings along. That one does not split by itself:
 * the flag's own evaluator hashes the key, as cheaply as can be (FNV-1a).
 */
export async function openFeatureClient() {
  const flag = {
    disabled: false,
    variants: { on: true, off: false },
    defaultVariant: 'off',
    contextEvaluator: ({ targetingKey }) => (fnv1a(targetingKey) % 100 < 10 ? 'on' : 'off'),
  }
  await OpenFeature.setProviderAndWait(new InMemoryProvider({ canary: flag }))
  const client = OpenFeature.getClient()
  return {
    isCanary: (key) => client.getBooleanValue('canary', false, { targetingKey: key }),
    close: () => OpenFeature.close(),
  }
}

function fnv1a(text) {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}
