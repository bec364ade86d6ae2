import type { Kube } from '../src/kube/kube.js'

/** Chooses a write by the kind of its object and by its text. */
type IsSuch = (plural: string, text: string) => boolean

/** A client of the cluster in a process that can be stopped: its calls and their answers then wait. */
export function createProcess(kube: Kube) {
  let awake = Promise.resolve()
  let wake = () => {}
  let isStopped = false
  let isDeaf = false
  let stopsBefore: IsSuch | undefined
  let pending = 0
  let missed: (() => void)[] = []

  const stop = (): void => {
    isStopped = true
    isDeaf = true
    awake = new Promise((resolve) => (wake = resolve))
  }
  const through = async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
    await awake
    pending += 1
    const answer = call().finally(() => (pending -= 1))
    await answer.catch(() => {})
    await awake
    return answer
  }
  const reached: Kube = {
    get: (...asked) => through(() => kube.get(...asked)),
    create: (...asked) => through(() => kube.create(...asked)),
    mergePatch(...asked) {
      if (stopsBefore?.(asked[0].plural, JSON.stringify(asked[1]))) stop()
      return through(() => kube.mergePatch(...asked))
    },
    watch: (address, listener) =>
      kube.watch(address, (event) => {
        if (isDeaf) missed.push(() => listener(event))
        else listener(event)
      }),
  }
  return {
    kube: reached,
    stop,
    /** Stops the process before its next write of such an object. */
    stopBefore: (isSuch: IsSuch) => void (stopsBefore = isSuch),
    /** Lets its calls go on. What others have written meanwhile it hears later. */
    wake() {
      isStopped = false
      stopsBefore = undefined
      wake()
    },
    hear() {
      isDeaf = false
      for (const tell of missed) tell()
      missed = []
    },
    get isStopped() {
      return isStopped
    },
    get isWaiting() {
      return pending > 0
    },
  }
}
