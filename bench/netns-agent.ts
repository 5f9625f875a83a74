/** A process inside a network namespace: serves and asks over TCP and UDP as a test tells it. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { connect, createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { systemClock } from '#daemon/clock.ts'

export interface Order {
  readonly id: number
  readonly action: 'serve' | 'ask' | 'hold' | 'say' | 'flood'
  readonly protocol?: 'tcp' | 'udp'
  readonly host?: string
  readonly port?: number
  /** Of a server: what it calls itself. Of a connection that is held: which one. */
  readonly name?: string
  /** Of a client: its own port. */
  readonly localPort?: number
  readonly timeoutMs?: number
  readonly count?: number
}

export interface Answer {
  readonly id: number
  /** What came back: the name of who answered, and the address that it saw. */
  readonly text?: string
  /** A code such as ECONNREFUSED, or `timeout`. */
  readonly error?: string
  readonly tookMs: number
}

const TIMEOUT_MS = 1000
const held = new Map<string, Socket>()

createInterface({ input: process.stdin }).on('line', (line) => {
  const order = JSON.parse(line) as Order
  const begunAt = performance.now()
  const answer = (result: { text?: string; error?: string }): void => {
    const tookMs = performance.now() - begunAt
    process.stdout.write(`${JSON.stringify({ id: order.id, ...result, tookMs })}\n`)
  }
  obey(order).then(
    (text) => answer({ text }),
    (error: NodeJS.ErrnoException) => answer({ error: error.code ?? error.message }),
  )
})
process.stdin.on('end', () => process.exit(0))

function obey(order: Order): Promise<string> {
  const isUdp = order.protocol === 'udp'
  switch (order.action) {
    case 'serve':
      return isUdp ? serveUdp(order) : serveTcp(order)
    case 'ask':
      return isUdp ? askUdp(order) : askTcp(order)
    case 'hold':
      return hold(order)
    case 'say':
      return say(order)
    case 'flood':
      return flood(order)
  }
}

function serveTcp({ host = '0.0.0.0', port, name }: Order): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.write(`${name} ${socket.remoteAddress}\n`)
    socket.on('data', (chunk) => socket.write(`${name} got ${chunk}`))
  })
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen(port, host, 1024, () => resolve('serving'))
  })
}

function serveUdp({ host = '0.0.0.0', port, name }: Order): Promise<string> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  socket.on('message', (_text, from) =>
    socket.send(`${name} ${from.address}`, from.port, from.address),
  )
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.bind(port, host, () => resolve('serving'))
  })
}

function askTcp({ host, port, localPort, timeoutMs = TIMEOUT_MS }: Order): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: host!, port: port!, ...(localPort && { localPort }) })
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error('timeout')))
    socket.on('error', reject)
    socket.once('data', (chunk) => {
      resolve(chunk.toString().trim())
      socket.resetAndDestroy()
    })
  })
}

const udpSockets = new Map<number, UdpSocket>()

/** A client with a port of its own keeps its socket, as resolvers and the like do. */
function askUdp({ host, port, localPort, timeoutMs = TIMEOUT_MS }: Order): Promise<string> {
  const type = host!.includes(':') ? 'udp6' : 'udp4'
  const socket = (localPort && udpSockets.get(localPort)) || createSocket(type)
  if (localPort && !udpSockets.has(localPort)) {
    udpSockets.set(localPort, socket)
    socket.bind(localPort)
  }
  return new Promise<string>((resolve, reject) => {
    const timer = systemClock.setTimeout(() => reject(new Error('timeout')), timeoutMs)
    socket.once('message', (text) => {
      timer.cancel()
      resolve(text.toString())
    })
    socket.send('who', port!, host!)
  }).finally(() => {
    socket.removeAllListeners('message')
    if (!localPort) socket.close()
  })
}

function hold(order: Order): Promise<string> {
  const { host, port, name = '' } = order
  return new Promise((resolve, reject) => {
    const socket = connect({ host: host!, port: port! })
    socket.on('error', reject)
    socket.once('data', (chunk) => {
      held.set(name, socket)
      resolve(chunk.toString().trim())
    })
  })
}

function say({ name = '', timeoutMs = TIMEOUT_MS }: Order): Promise<string> {
  const socket = held.get(name)!
  return new Promise((resolve, reject) => {
    const timer = systemClock.setTimeout(() => reject(new Error('timeout')), timeoutMs)
    socket.once('error', reject)
    socket.once('data', (chunk) => {
      timer.cancel()
      resolve(chunk.toString().trim())
    })
    socket.write('hello\n')
  })
}

/** Asks again and again; tells how often each answer came, and the times as a median. */
async function flood(order: Order): Promise<string> {
  const seen: Record<string, number> = {}
  const times: number[] = []
  for (let round = 0; round < (order.count ?? 1); round++) {
    const begunAt = performance.now()
    const ask = order.protocol === 'udp' ? askUdp(order) : askTcp(order)
    const text = await ask.catch((error: NodeJS.ErrnoException) => error.code ?? error.message)
    times.push(performance.now() - begunAt)
    seen[text] = (seen[text] ?? 0) + 1
  }
  const medianMs = times.toSorted((left, right) => left - right)[times.length >> 1]
  return JSON.stringify({ seen, medianMs })
}
