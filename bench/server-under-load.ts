/** A server process and connections to it: ours, or the bare peer that does the least work. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { HttpConnection, openSocket } from './http-connection.ts'
import { ADMIN_TOKEN, CERTIFICATE_FILE, KEY_FILE, startServerProcess } from './server-process.ts'
import { withDirectory } from './stored-pods.ts'
import { typicalPod } from './typical-pod.ts'

export const IN_FLIGHT = 32

export interface Target {
  readonly url: string
  readonly pid: number
}

export type Peer = 'ours' | 'bare'

/** Runs `body` with a fresh server. */
export async function withServer<Result>(
  peer: Peer,
  tls: boolean,
  body: (target: Target) => Promise<Result>,
): Promise<Result> {
  if (peer === 'bare') return await withBareServer(tls, body)
  await using server = await startServerProcess({ tls })
  await using first = await openConnections(server, 1)
  // A controller would make it, and pods without it are refused.
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } }
  await first.connections[0]!.send(
    request('POST', '/api/v1/namespaces/default/serviceaccounts', JSON.stringify(account)),
  )
  return await body(server)
}

async function withBareServer<Result>(
  tls: boolean,
  body: (target: Target) => Promise<Result>,
): Promise<Result> {
  return await withDirectory(async (directory) => {
    const program = fileURLToPath(new URL('./bare-server.ts', import.meta.url))
    const files = tls ? [CERTIFICATE_FILE, KEY_FILE] : []
    const child = spawn(process.execPath, [program, path.join(directory, 'log'), ...files], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      const [port] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
      const url = `${tls ? 'https' : 'http'}://127.0.0.1:${port}`
      return await body({ url, pid: child.pid! })
    } finally {
      child.kill()
      await once(child, 'exit')
    }
  })
}

export interface Connections extends AsyncDisposable {
  readonly connections: readonly HttpConnection[]
}

export async function openConnections({ url }: Target, count: number): Promise<Connections> {
  const connections: HttpConnection[] = []
  for (let index = 0; index < count; index++) {
    connections.push(new HttpConnection(await openSocket(url, CERTIFICATE_FILE)))
  }
  return {
    connections,
    async [Symbol.asyncDispose]() {
      for (const connection of connections) connection[Symbol.dispose]()
    },
  }
}

export const PODS_PATH = '/api/v1/namespaces/default/pods'

export function request(
  method: string,
  target: string,
  body = '',
  token: string = ADMIN_TOKEN,
  contentType = 'application/json',
): Buffer {
  const lines = [
    `${method} ${target} HTTP/1.1`,
    'host: bench',
    `authorization: Bearer ${token}`,
    'accept: application/json',
    ...(body ? [`content-type: ${contentType}`, `content-length: ${Buffer.byteLength(body)}`] : []),
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`)
}

const { metadata, spec } = typicalPod
const { labels, annotations, ownerReferences } = metadata

/** As a controller sends it. */
export function podRequest(index: number, token: string = ADMIN_TOKEN): Buffer {
  const { nodeName: _, ...unbound } = spec
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `web-${index}`, labels, annotations, ownerReferences },
    spec: unbound,
  }
  return request('POST', PODS_PATH, JSON.stringify(pod), token)
}

/** What the process keeps in memory now. */
export function residentMegabytes({ pid }: Target): number {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1]) / 1024
}

/** The kernel counts in hundredths of a second, whatever its own clock does. */
const TICK_MICROSECONDS = 10_000
/** Behind the name of the process, in brackets: time outside the kernel, and inside. */
const [USER_TICKS, SYSTEM_TICKS] = [11, 12]

/** What all threads of the process have computed so far. */
export function processorMicroseconds({ pid }: Pick<Target, 'pid'>): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = text.slice(text.lastIndexOf(') ') + 2).split(' ')
  return (Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS])) * TICK_MICROSECONDS
}
