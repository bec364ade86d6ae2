import { connect } from 'node:net'
import { keyAt } from '../harness/keys.mjs'

const TEXTS = [
  'The phone is great and I love the camera, best purchase of the year.',
  'Terrible service, the food was bad and the waiter was worse. What a waste of an evening!',
  'It does what it says. Delivery took four days, the box was a little damaged but everything inside was fine.',
  'A boring film with a poor script; even the wonderful cast could not save it from being disappointing.',
  'Excellent value. My children were happy with it and have played every single day since it arrived here.',
]

/** How many different requests there are; a power of two. */
const REQUESTS = 256

const requests = Array.from({ length: REQUESTS }, (_, index) => {
  const body = JSON.stringify({ text: TEXTS[index % TEXTS.length] })
  const head = [
    'POST /predict HTTP/1.1',
    'host: localhost',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-user-id: ${keyAt(index)}`,
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`)
})

/**
 * Opens connections that stay open. Returns functions that send requests over them and close them.
 *
 * @param {number} port
 * @param {number} connections
 */
export async function openLoad(port, connections) {
  const sockets = await Promise.all(Array.from({ length: connections }, () => opened(port)))
  let sent = 0
  return {
    /** Sends a number of requests, one after the other on each connection, and checks that each is answered. */
    async send(count) {
      let left = count
      const next = () => (left-- > 0 ? requests[sent++ & (REQUESTS - 1)] : undefined)
      await Promise.all(sockets.map((socket) => pump(socket, next)))
    },
    close() {
      for (const socket of sockets) socket.destroy()
    },
  }
}

function opened(port) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket))
    socket.once('error', reject)
  })
}

/** Sends requests from `next` until it returns nothing. */
function pump(socket, next) {
  return new Promise((resolve, reject) => {
    let text = ''
    const finish = (error) => {
      socket.off('data', read)
      socket.off('close', lost)
      if (error === undefined) resolve()
      else reject(error)
    }
    const lost = () => finish(new Error('the server closed a connection'))
    const sendNext = () => {
      const request = next()
      if (request === undefined) finish()
      else if (socket.destroyed) lost()
      else socket.write(request)
    }
    const read = (chunk) => {
      text += chunk.toString('latin1')
      const answer = answerIn(text)
      if (answer === undefined) return
      if (!answer.isRight) return finish(new Error(`unexpected answer: ${text.slice(0, 500)}`))
      text = ''
      sendNext()
    }
    socket.on('data', read)
    socket.on('close', lost)
    sendNext()
  })
}

/** Returns whether an answer is complete, and checks that it is a prediction. */
function answerIn(text) {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const length = Number(/^content-length: *(\d+)/im.exec(text.slice(0, headEnd))?.[1])
  if (text.length < headEnd + 4 + length) return undefined
  return { isRight: text.startsWith('HTTP/1.1 200') && text.includes('"prediction"', headEnd) }
}
