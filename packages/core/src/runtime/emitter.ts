import { onRejection } from '../routing/rejections.js'

/** A listener. Its return value is used only to catch a rejection. */
export type Listener<Payload> = (payload: Payload) => unknown

/** A typed list of listeners. A failing listener never makes `emit` throw. */
export interface Emitter<Events extends object> {
  /** Adds a listener; the returned function removes it. */
  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void
  emit<Name extends keyof Events>(name: Name, payload: Events[Name]): void
  clear(): void
}

/** Creates an emitter. `onFailure` is called for every listener that throws or rejects. */
export function createEmitter<Events extends object>(
  onFailure: (error: unknown, name: keyof Events) => void,
): Emitter<Events> {
  const listeners = new Map<keyof Events, Set<Listener<never>>>()

  return {
    on(name, listener) {
      const set = listeners.get(name) ?? new Set()
      listeners.set(name, set.add(listener))
      return () => {
        set.delete(listener)
      }
    },
    emit(name, payload) {
      for (const listener of [...(listeners.get(name) ?? [])]) {
        try {
          onRejection((listener as Listener<typeof payload>)(payload), (error) => onFailure(error, name))
        } catch (error) {
          onFailure(error, name)
        }
      }
    },
    clear: () => listeners.clear(),
  }
}
