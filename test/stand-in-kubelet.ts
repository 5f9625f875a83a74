/** A kubelet for tests: its containers are processes of this machine, their logs are told to it. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { type WebSocket, WebSocketServer } from 'ws'

export interface StandInOptions {
  /** Serves over TLS; asks callers for certificates. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca?: string }
  /** Speaks no newer protocol than this. */
  readonly newest?: 'v4' | 'v5'
}

export interface StandInKubelet extends AsyncDisposable {
  readonly port: number
  /** What was asked for, path and query. */
  readonly requests: readonly string[]
  /** Common names of the certificates that callers showed. */
  readonly callers: readonly string[]
  /** Sizes of terminals, as they were told. */
  readonly sizes: readonly string[]
  /** Adds to the log of every container; those who follow it hear at once. */
  log(text: string): void
  endLog(): void
  /** Resolves when this many follow the log. */
  followed(): Promise<void>
  /** Resolves when nobody follows it any more. */
  followersGone(): Promise<void>
  /** Resolves when the next command has ended. */
  commandEnded(): Promise<void>
  /** How many commands run now. */
  readonly running: number
  /** Breaks all connections, as a machine that falls over does. */
  fall(): void
}

const CLOSE = 255
const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 }

export async function startStandInKubelet(options: StandInOptions = {}): Promise<StandInKubelet> {
  const requests: string[] = []
  const callers: string[] = []
  const sizes: string[] = []
  const sockets = new Set<Socket>()
  const commands = new Set<ChildProcessWithoutNullStreams>()
  const log = new FollowedLog()
  const ended = new EventEmitter()
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    requests.push(request.url ?? '')
    const { subject } = (request.socket as TLSSocket).getPeerCertificate?.() ?? {}
    if (subject?.CN) callers.push(String(subject.CN))
    respond(request, response, log)
  }
  const server = options.tls
    ? createSecureServer({ ...options.tls, requestCert: true, rejectUnauthorized: false }, answer)
    : createServer(answer)
  const known = options.newest === 'v4' ? ['v4'] : ['v5', 'v4']
  const upgrades = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    handleProtocols: (offered) =>
      known.map((each) => `${each}.channel.k8s.io`).find((each) => offered.has(each)) ?? false,
  })
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('upgrade', (request, socket, head) => {
    requests.push(request.url ?? '')
    const url = new URL(request.url ?? '', 'http://kubelet')
    if (url.pathname.includes('/missing')) {
      socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 28\r\n\r\ncontainer not found ("gone")')
      return
    }
    upgrades.handleUpgrade(request, socket as Socket, head, (opened) => {
      if (url.pathname.startsWith('/portForward/')) forward(opened, url)
      else runCommand(opened, url, { commands, sizes, ended })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const fall = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    callers,
    sizes,
    log: (text) => log.add(text),
    endLog: () => log.end(),
    followed: () => log.followed(),
    followersGone: () => log.followersGone(),
    commandEnded: async () => {
      await once(ended, 'command')
    },
    get running() {
      return commands.size
    },
    fall,
    async [Symbol.asyncDispose]() {
      for (const each of commands) each.kill('SIGKILL')
      fall()
      const closed = once(server, 'close')
      server.close()
      await closed
    },
  }
}

class FollowedLog extends EventEmitter {
  #text = ''
  #followers = 0

  add(text: string): void {
    this.#text += text
    this.emit('text', text)
  }

  end(): void {
    this.emit('end')
  }

  async followed(): Promise<void> {
    if (!this.#followers) await once(this, 'follow')
  }

  async followersGone(): Promise<void> {
    while (this.#followers) await once(this, 'left')
  }

  send(query: URLSearchParams, response: ServerResponse): void {
    const lines = this.#text.split(/(?<=\n)/)
    const tail = query.get('tailLines')
    response.write(lines.slice(tail === null ? 0 : lines.length - Number(tail)).join(''))
    if (query.get('follow') !== 'true') {
      response.end()
      return
    }
    this.#followers++
    const more = (text: string): void => void response.write(text)
    this.on('text', more)
    this.once('end', () => response.end())
    response.once('close', () => {
      this.#followers--
      this.off('text', more)
      this.emit('left')
    })
    this.emit('follow')
  }
}

function respond(request: IncomingMessage, response: ServerResponse, log: FollowedLog): void {
  const url = new URL(request.url ?? '', 'http://kubelet')
  if (url.pathname.startsWith('/containerLogs/')) {
    if (url.pathname.endsWith('/missing')) {
      response.writeHead(404).end('no such container')
    } else if (url.searchParams.get('previous') === 'true') {
      response.writeHead(400).end('previous terminated container "main" in pod "p" not found')
    } else {
      response.writeHead(200, { 'content-type': 'text/plain' })
      log.send(url.searchParams, response)
    }
    return
  }
  response.writeHead(200, { 'content-type': 'text/plain' })
  response.end(url.pathname === '/healthz' ? 'ok' : `${request.method} ${request.url}`)
}

const send = (socket: WebSocket, number: number, data: Buffer): void => {
  socket.send(Buffer.concat([Buffer.from([number]), data]))
}

interface Bookkeeping {
  readonly commands: Set<ChildProcessWithoutNullStreams>
  readonly sizes: string[]
  readonly ended: EventEmitter
}

function runCommand(
  socket: WebSocket,
  { pathname, searchParams: query }: URL,
  { commands, sizes, ended }: Bookkeeping,
): void {
  const isAttach = pathname.startsWith('/attach/')
  const words = isAttach ? ['cat'] : query.getAll('command')
  const command = startProcess(words, query.get('tty') === '1')
  commands.add(command)
  command.stdout.on('data', (data: Buffer) => throttled(socket, command, channel.stdout, data))
  command.stderr.on('data', (data: Buffer) => throttled(socket, command, channel.stderr, data))
  command.stdin.on('error', () => undefined)
  socket.on('message', (message: Buffer) => {
    const [first, second] = message
    if (first === CLOSE && second === channel.stdin) command.stdin.end()
    else if (first === channel.resize) sizes.push(message.toString('utf8', 1))
    else if (first === channel.stdin) {
      if (!command.stdin.write(message.subarray(1))) {
        socket.pause()
        command.stdin.once('drain', () => socket.resume())
      }
    }
  })
  socket.once('close', () => command.kill('SIGKILL'))
  const finish = (status: object): void => {
    if (!commands.delete(command)) return
    if (socket.readyState === socket.OPEN) {
      send(socket, channel.error, Buffer.from(JSON.stringify(status)))
      socket.close(1000)
    }
    ended.emit('command')
  }
  command.once('error', (error) => finish(failure(error.message)))
  command.once('close', (code) => finish(exitStatus(code ?? 137)))
}

/** A terminal is what `script` gives a program. */
function startProcess(words: readonly string[], hasTerminal: boolean) {
  if (!hasTerminal) return spawn(words[0] ?? '', words.slice(1))
  const quoted = words.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ')
  return spawn('script', ['-qefc', quoted, '/dev/null'])
}

/** Reads no more from the program while the other side is slow. */
function throttled(
  socket: WebSocket,
  command: ChildProcessWithoutNullStreams,
  number: number,
  data: Buffer,
): void {
  const output = number === channel.stdout ? command.stdout : command.stderr
  output.pause()
  socket.send(Buffer.concat([Buffer.from([number]), data]), () => output.resume())
}

const common = { kind: 'Status', apiVersion: 'v1', metadata: {} }

function exitStatus(code: number): object {
  if (code === 0) return { ...common, status: 'Success' }
  return {
    ...common,
    status: 'Failure',
    reason: 'NonZeroExitCode',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  }
}

const failure = (message: string): object => ({
  ...common,
  status: 'Failure',
  reason: 'InternalError',
  message,
  code: 500,
})

/** The port of the pod is a port of this machine. */
function forward(socket: WebSocket, { searchParams: query }: URL): void {
  const port = Number(query.get('port'))
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(port)
  send(socket, 0, bytes)
  send(socket, 1, bytes)
  const target = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  target.on('data', (data) => {
    target.pause()
    socket.send(Buffer.concat([Buffer.from([0]), data as Buffer]), () => target.resume())
  })
  target.once('end', () => {
    if (socket.protocol.startsWith('v5')) socket.send(Buffer.from([CLOSE, 0]))
    else socket.close(1000)
  })
  target.once('error', (error) => {
    send(socket, 1, Buffer.from(`connect to port ${port}: ${error.message}`))
    socket.close(1000)
  })
  socket.on('message', (message: Buffer) => {
    if (message[0] === CLOSE) target.end()
    else if (message[0] === 0) {
      if (!target.write(message.subarray(1))) {
        socket.pause()
        target.once('drain', () => socket.resume())
      }
    }
  })
  socket.once('close', () => target.destroy())
}
