/** A TCP proxy in front of a server, with which a test cuts, holds or refuses connections. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface CuttingProxy extends AsyncDisposable {
  readonly url: string
  /** Connections made so far, refused ones included. */
  readonly accepted: number
  /** Breaks all connections that there are, as a machine does that loses its power. */
  cut(): void
  /** Leads new connections to another server, as when one is replaced. */
  lead(url: string): void
  /** From now on, whoever connects is turned away, until told otherwise. */
  refuse(isRefusing: boolean): void
  /** Answers stop coming, while the connections stay: what arrives is kept until let go. */
  hold(isHolding: boolean): void
}

/**
 * As a machine does that is gone. A socket whose end is on its way cannot be reset: Node would
 * leave it open for ever, and a thread with such a socket never ends.
 */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy()
  else socket.resetAndDestroy()
}

export async function startCuttingProxy(url: string): Promise<CuttingProxy> {
  let target = new URL(url)
  const pairs = new Set<readonly [near: Socket, far: Socket]>()
  let accepted = 0
  let isRefusing = false
  let isHolding = false
  const server = createServer((near) => {
    accepted++
    near.on('error', () => near.destroy())
    if (isRefusing) return reset(near)
    const far = connect(Number(target.port), target.hostname)
    const pair = [near, far] as const
    pairs.add(pair)
    far.on('error', () => near.destroy())
    near.once('close', () => {
      pairs.delete(pair)
      far.destroy()
    })
    far.once('close', () => near.end())
    near.pipe(far)
    far.on('data', (chunk) => {
      if (!near.write(chunk)) far.pause()
    })
    near.on('drain', () => isHolding || far.resume())
    if (isHolding) far.pause()
    return undefined
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = (): void => {
    for (const [near, far] of pairs) {
      reset(near)
      far.destroy()
    }
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get accepted() {
      return accepted
    },
    cut,
    lead(next) {
      target = new URL(next)
    },
    refuse(refusing) {
      isRefusing = refusing
    },
    hold(holding) {
      isHolding = holding
      for (const [, far] of pairs) holding ? far.pause() : far.resume()
    },
    async [Symbol.asyncDispose]() {
      cut()
      server.close()
      await once(server, 'close')
    },
  }
}
