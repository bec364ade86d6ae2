/** The members of a connection that show its close. */
interface ClosingSocket {
  /** Adds a listener for its close. */
  on?(event: 'close', listener: () => void): unknown
  /** Removes that listener. */
  off?(event: 'close', listener: () => void): unknown
}

/** What waits for the close of one connection. */
interface Waiting {
  readonly tasks: Set<() => void>
  /** The only listener on the connection, which runs the tasks. */
  readonly listener: () => void
}

const waiting = new WeakMap<ClosingSocket, Waiting>()

/**
 * Calls `task` when the connection closes, until the returned function is called.
 *
 * A client may pipeline many requests on one connection, and Node warns of a leak from the eleventh listener on.
 * So all responses of a connection share one listener, which is removed with the last of them.
 */
export function onSocketClose(socket: ClosingSocket, task: () => void): () => void {
  const { tasks, listener } = waiting.get(socket) ?? listenTo(socket)
  tasks.add(task)
  return () => {
    tasks.delete(task)
    if (tasks.size > 0) return
    socket.off?.('close', listener)
    waiting.delete(socket)
  }
}

function listenTo(socket: ClosingSocket): Waiting {
  const tasks = new Set<() => void>()
  const listener = (): void => {
    for (const task of [...tasks]) task()
  }
  const added = { tasks, listener }
  waiting.set(socket, added)
  socket.on?.('close', listener)
  return added
}

/** The members of a connection that show who closed it. */
export interface ClosingConnection {
  /** The error it was destroyed with, if there was one. */
  readonly errored?: unknown
  /** True once the peer has sent its end. */
  readonly readableEnded?: boolean
}

/** Returns whether the end of a connection came over the network: the end of the peer's data, or an error. */
export const isClosedByPeer = (line: ClosingConnection | null | undefined): boolean =>
  line?.readableEnded === true || isOfNetwork(line?.errored)

/** Returns whether the operating system reported the error of a connection; errors of this side have no `syscall`. */
export const isOfNetwork = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'syscall' in error
