/** The server of a kubelet: logs, commands, forwarded ports and figures, over TLS. */
import { constants } from 'node:crypto'
import { type IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http'
import { createServer, type Server as HttpsServer } from 'node:https'
import {
  type AddressInfo,
  createServer as createListener,
  type Server,
  type Socket,
} from 'node:net'
import type { Upgrade } from '#daemon/streams/accept-upgrade.ts'
import { Access } from './access.ts'
import { type KubeletRequest, RequestError } from './request.ts'
import { routeFor } from './routes.ts'
import type { ServerParts } from './server-parts.ts'
import type { ServingCertificate } from './serving-certificate.ts'

export interface ServerOptions extends ServerParts {
  readonly address: { readonly host: string; readonly port: number }
  readonly tls: ServingCertificate
  /** Whose certificates callers may show; nobody's unless given. */
  readonly clientCertificateAuthority?: string | Buffer | undefined
  readonly allowsAnonymous?: boolean
}

export interface KubeletServer extends AsyncDisposable {
  readonly port: number
  /** Answers for another node of this process, too. Resolves with the port that it took for it. */
  serveNode(node: ServerParts): Promise<number>
  /** From the next connection on. */
  useCertificate(tls: ServingCertificate): void
}

const HEADERS_MS = 30_000
const IDLE_MS = 120_000

/** Who answers on a port, and whom. */
interface Served {
  readonly parts: ServerParts
  readonly access: Access
}

export async function startServer(options: ServerOptions): Promise<KubeletServer> {
  const { address, log, allowsAnonymous = false } = options
  const stopping = new AbortController()
  const served = new Map<number | undefined, Served>()
  const handle = (incoming: IncomingMessage, response: ServerResponse, upgrade?: Upgrade): void => {
    const { parts, access } = served.get(incoming.socket.localPort)!
    void serve({ incoming, response, upgrade, stopping: stopping.signal, access }, parts)
  }
  const server = newServer(options, handle)
  const sockets = new Set<Socket>()
  server.on('secureConnection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const listeners: Server[] = []
  const listen = async (listener: Server, port: number, parts: ServerParts): Promise<number> => {
    const taken = await portOf(listener, { ...address, port })
    listeners.push(listener)
    served.set(taken, { parts, access: new Access({ ...parts, allowsAnonymous }) })
    return taken
  }
  const port = await listen(server, address.port, options)
  log.info('serving the kubelet API', { host: address.host, port })
  return {
    port,
    // One server for all certificates and limits, however many doors lead to it.
    serveNode: (node) =>
      listen(
        createListener((socket) => server.emit('connection', socket)),
        0,
        node,
      ),
    useCertificate: (pair) => server.setSecureContext(secureContext(pair, options)),
    async [Symbol.asyncDispose]() {
      stopping.abort(new DOMException('the kubelet is stopping', 'AbortError'))
      const closed = listeners.map((each) => new Promise((resolve) => each.close(resolve)))
      for (const socket of sockets) socket.destroy()
      await Promise.all(closed)
    },
  }
}

type Handle = (incoming: IncomingMessage, response: ServerResponse, upgrade?: Upgrade) => void

function newServer(options: ServerOptions, handle: Handle): HttpsServer {
  const server = createServer(
    {
      ...secureContext(options.tls, options),
      requestCert: options.clientCertificateAuthority !== undefined,
      rejectUnauthorized: false,
      headersTimeout: HEADERS_MS,
      keepAliveTimeout: IDLE_MS,
    },
    (incoming, response) => handle(incoming, response),
  )
  server.on('upgrade', (incoming, socket, head) => {
    const response = new ServerResponse(incoming)
    response.assignSocket(socket as Socket)
    handle(incoming, response, { socket: socket as Socket, head })
  })
  return server
}

const secureContext = (
  { cert, key }: ServingCertificate,
  { clientCertificateAuthority: ca }: ServerOptions,
) => ({
  cert,
  key,
  ...(ca !== undefined && { ca }),
  minVersion: 'TLSv1.2' as const,
  // The chain of a caller would be missing in a session that is resumed.
  secureOptions: constants.SSL_OP_NO_TICKET,
})

async function portOf(listener: Server, address: ServerOptions['address']): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject)
    listener.listen(address, resolve)
  })
  return (listener.address() as AddressInfo).port
}

interface Exchange {
  readonly incoming: IncomingMessage
  readonly response: ServerResponse
  readonly upgrade: Upgrade | undefined
  readonly stopping: AbortSignal
  readonly access: Access
}

async function serve(exchange: Exchange, parts: ServerParts): Promise<void> {
  const { incoming, response, upgrade, stopping, access } = exchange
  const leaving = new AbortController()
  const leave = (): void => leaving.abort(new DOMException('the caller left', 'AbortError'))
  response.once('close', leave)
  upgrade?.socket.once('close', leave)
  upgrade?.socket.on('error', leave)
  const { method = 'GET', headers } = incoming
  try {
    const { pathname: path, searchParams: query } = addressOf(incoming)
    const signal = AbortSignal.any([leaving.signal, stopping])
    const request: KubeletRequest = {
      ...{ method, path, query, headers, incoming, response, upgrade, signal },
    }
    // Whoever may not ask learns nothing about what there is.
    await access.check(incoming, path)
    await routeFor(method, path).serve(request, parts)
  } catch (error) {
    refuse(exchange, error, parts)
  }
}

function addressOf({ url = '/' }: IncomingMessage): URL {
  try {
    return new URL(url, 'https://kubelet')
  } catch {
    throw new RequestError(400, `"${url}" is no path`)
  }
}

function refuse(
  { incoming, response, upgrade }: Exchange,
  error: unknown,
  parts: ServerParts,
): void {
  const isRefusal = error instanceof RequestError
  const fields = { method: incoming.method, path: incoming.url?.split('?', 1)[0], error }
  if (isRefusal) parts.log.debug('request refused', fields)
  else parts.log.warn('request failed', fields)
  // Too late to say anything: the end of the connection is all that can be told.
  if (response.headersSent || (upgrade && response.socket === null)) {
    incoming.socket.destroy()
    return
  }
  const status = isRefusal ? error.status : 500
  const message = error instanceof Error ? error.message : String(error)
  const body = Buffer.from(message)
  response.writeHead(status, STATUS_CODES[status], {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': body.length,
    ...(upgrade && { connection: 'close' }),
  })
  response.end(body, () => upgrade?.socket.end())
}
