import { useEffect, useState } from 'preact/hooks'

/** What the address shows: a rollout, and a decision of it. */
export interface Place {
  readonly rollout: string | null
  readonly decision: number | null
}

/** Returns the place that an address names: `#/sentiment/decision/12`. */
export function placeOf(hash: string): Place {
  const [, rollout = '', kind, number = ''] = hash.split('/').map(decoded)
  const decision = kind === 'decision' && /^\d{1,15}$/.test(number) ? Number(number) : null
  return { rollout: rollout === '' ? null : rollout, decision }
}

/** Returns the address of a place, without what stands before the `#`. */
export const hashOf = ({ rollout, decision }: Place): string =>
  `#/${encodeURIComponent(rollout ?? '')}${decision === null ? '' : `/decision/${decision}`}`

/** Returns what the address shows, and renders again when it changes. */
export function usePlace(): Place {
  const [hash, setHash] = useState(() => location.hash)
  useEffect(() => {
    const follow = (): void => setHash(location.hash)
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  return placeOf(hash)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
