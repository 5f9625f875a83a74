/** Stands between a client and the socket of an Engine, and lets go when a test says so. */
import { rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'

export class CuttingSocket implements AsyncDisposable {
  readonly path: string
  readonly #server: Server
  readonly #open = new Set<Socket>()

  private constructor(path: string, server: Server) {
    this.path = path
    this.#server = server
  }

  static async start(path: string, enginePath: string): Promise<CuttingSocket> {
    const server = createServer({ allowHalfOpen: true })
    const cutting = new CuttingSocket(path, server)
    server.on('connection', (client) => {
      cutting.#join(client, connect({ path: enginePath, allowHalfOpen: true }))
    })
    await new Promise<void>((resolve) => server.listen(path, resolve))
    return cutting
  }

  /** Breaks every connection; the next ones are served as before. */
  cut(): void {
    for (const socket of this.#open) socket.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.cut()
    await closed
    rmSync(this.path, { force: true })
  }

  #join(client: Socket, engine: Socket): void {
    for (const socket of [client, engine]) {
      this.#open.add(socket)
      socket.on('close', () => this.#open.delete(socket))
      socket.on('error', () => socket.destroy())
    }
    client.on('close', () => engine.destroy())
    engine.on('close', () => client.destroy())
    client.pipe(engine)
    engine.pipe(client)
  }
}
