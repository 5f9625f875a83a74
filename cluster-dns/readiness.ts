/** /health and /ready over plain HTTP, as CoreDNS serves them, for probes from the node. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Readiness extends AsyncDisposable {
  readonly port: number
}

export async function startReadiness(
  isReady: () => boolean,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Readiness> {
  const server = createServer(({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://localhost')
    const answer = (status: number, text: string): void => {
      response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text)
    }
    if (pathname === '/health') return answer(200, 'OK')
    if (pathname !== '/ready') return answer(404, '404 page not found\n')
    return isReady() ? answer(200, 'OK') : answer(503, 'kubernetes')
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
