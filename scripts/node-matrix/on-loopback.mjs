// Loaded before a service that listens on a port of its own choice: it listens on any free port of the loopback, and
// prints the port.
import { Server } from 'node:net'

const { listen } = Server.prototype

Server.prototype.listen = function listenOnLoopback(...args) {
  const done = args.findLast((argument) => typeof argument === 'function')
  this.once('listening', () => console.log(`listening on ${this.address().port}`))
  return listen.call(this, { port: 0, host: '127.0.0.1' }, done)
}
