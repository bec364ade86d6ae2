import { useEffect, useState } from 'preact/hooks'
import type { Client, Refusal } from '../api/client.js'
import { type Entry, readEntries } from '../model/records.js'

/** The time between two looks at the list, and between two attempts to get it, in milliseconds. */
const LOOK_MS = 15_000
const RETRY_MS = 3_000

/** Returns the rollouts that the service has, and why it did not say; asks again every few seconds. */
export function useEntries(client: Client): { readonly entries: readonly Entry[]; readonly refusal: Refusal | null } {
  const [entries, setEntries] = useState<readonly Entry[]>([])
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  useEffect(() => {
    let isOver = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = async (): Promise<void> => {
      const answer = await client.get('rollouts')
      if (isOver) return
      if (answer.ok) setEntries(readEntries(answer.body))
      setRefusal(answer.ok ? null : answer.refusal)
      timer = setTimeout(look, answer.ok ? LOOK_MS : RETRY_MS)
    }
    void look()
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, [client])
  return { entries, refusal }
}
