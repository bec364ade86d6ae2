import { type OpenFeatureEventEmitter, ProviderEvents } from '@openfeature/server-sdk'
import type { Flag } from './flags.js'

/** Emits an OpenFeature event for every change of a flag's value, until the returned function is called. */
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
