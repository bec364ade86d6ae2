import { type OpenFeatureEventEmitter, ProviderEvents } from '@openfeature/server-sdk'
import type { Flag } from './flags.js'

/** Tells OpenFeature of every change to what a flag answers; the returned function ends that. */
export function announceChanges({ key, canary }: Flag, emitter: OpenFeatureEventEmitter): () => void {
  const changed = (message: string): void =>
    emitter.emit(ProviderEvents.ConfigurationChanged, { flagsChanged: [key], message })
  const stops = [
    canary.on('step', ({ weight }) => changed(`the canary gets ${weight} percent`)),
    canary.on('promoted', () => changed('the canary was promoted')),
    canary.on('rolled-back', () => changed('the canary was rolled back')),
    canary.on('decision', ({ action }) => {
      if (action === 'enable' || action === 'disable') changed(`the canary was ${action}d`)
    }),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}
