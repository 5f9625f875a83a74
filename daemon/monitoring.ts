/** Answers health checks and /metrics over plain HTTP, to whoever runs on the same machine. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, isIP } from 'node:net'
import type { Health } from './health.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'

export interface MonitoringParts {
  readonly health: Health
  readonly metrics: Metrics
  readonly log: Log
  /** What a service tells besides, by path. */
  readonly pages?: ReadonlyMap<string, Page>
}

/** Answers with something that is sent as JSON. */
export type Page = (query: URLSearchParams) => { readonly status: number; readonly body: unknown }

export interface Monitoring extends AsyncDisposable {
  readonly port: number
}

export interface MonitoringAddress {
  /** Has to be a loopback address, as nobody is asked who they are. */
  readonly host: string
  readonly port: number
}

export async function startMonitoring(
  parts: MonitoringParts,
  { host, port }: MonitoringAddress,
): Promise<Monitoring> {
  if (!isLoopback(host)) {
    throw new RangeError(`monitoring address: is "${host}", wanted a loopback address`)
  }
  const { log } = parts
  const server = createServer((request, response) => {
    answer(request, response, parts).catch((error) => {
      log.error('monitoring request failed', { path: request.url, error })
      response.writeHead(500).end()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, resolve)
  })
  const bound = (server.address() as AddressInfo).port
  log.info('serving health and metrics', { host, port: bound })
  return {
    port: bound,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(
  { method, url = '/' }: IncomingMessage,
  response: ServerResponse,
  { health, metrics, pages }: MonitoringParts,
): Promise<void> {
  if (method !== 'GET' && method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end()
    return
  }
  const { pathname, searchParams } = new URL(url, 'http://localhost')
  if (pathname === '/metrics') {
    const text = await metrics.text()
    response.writeHead(200, { 'content-type': metrics.contentType }).end(text)
    return
  }
  const page = pages?.get(pathname)
  if (page) {
    const { status, body } = page(searchParams)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    return
  }
  const found = await health.answer(pathname, searchParams)
  if (found) response.writeHead(found.status, found.headers).end(found.body)
  else response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n')
}

const isLoopback = (host: string): boolean =>
  host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
