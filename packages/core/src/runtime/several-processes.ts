/** The signs by which a process recognises that it is probably one of several. */
export interface Surroundings {
  /** The environment variables. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** True in a worker of `node:cluster`. */
  readonly isClusterWorker: boolean
  /** 0 in the main thread; worker threads are numbered from 1. */
  readonly threadId: number
}

/**
 * Returns the sign that several processes run the same program, in words; `undefined` if there is none.
 *
 * A sign must be rare where one process runs alone. The number of CPUs and `WEB_CONCURRENCY`, which hosts set for every
 * program, are not signs, nor is `NODE_APP_INSTANCE=0`, which PM2 sets for a single process too. The first worker thread
 * may be the only one, and runners of tests start a thread for each file. Threads share memory no more than processes do.
 */
export function signOfSeveral({ env, isClusterWorker, threadId }: Surroundings): string | undefined {
  if (isClusterWorker) return 'it is a worker of node:cluster'
  if (Number(env.NODE_APP_INSTANCE) > 0) return `it is instance ${Number(env.NODE_APP_INSTANCE)} of PM2`
  if (env.KUBERNETES_SERVICE_HOST) return 'it runs in Kubernetes'
  if (threadId > 1 && env.NODE_ENV !== 'test') return `it runs in worker thread ${threadId}`
  return undefined
}

/** Returns the sign that this process is one of several. `undefined` also if the runtime does not let it look. */
export function signInThisProcess(): string | undefined {
  try {
    // Imports of Node's modules would keep this file from other runtimes. Node has this method since 20.16.
    const cluster = process.getBuiltinModule?.('node:cluster') as { readonly isWorker?: boolean } | undefined
    const threads = process.getBuiltinModule?.('node:worker_threads') as { readonly threadId?: number } | undefined
    const isClusterWorker = cluster?.isWorker === true
    return signOfSeveral({ env: process.env, isClusterWorker, threadId: threads?.threadId ?? 0 })
  } catch {
    return undefined
  }
}

/** Returns whether this process is in production by `NODE_ENV`. False also if the runtime does not let it look. */
export function isInProduction(): boolean {
  try {
    return process.env.NODE_ENV === 'production'
  } catch {
    return false
  }
}
