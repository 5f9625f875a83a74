/** Tells balancers whether this node is one to send traffic to, in upstream's words. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Node } from '#api/kinds/core/node.ts'
import type { Clock } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'

export interface NodeHealthParts {
  readonly clock: Clock
  readonly log: Log
  readonly figures: { readonly isHealthy: boolean; readonly lastSyncedAt: number }
  /** Undefined while nobody has seen it. */
  readonly node: () => Node | undefined
  /** Told of each answer. */
  readonly answered: (code: number) => void
}

/** The autoscaler takes the node away soon, so balancers should stop sending it new traffic. */
const LEAVING_TAINT = 'ToBeDeletedByClusterAutoscaler'

export interface NodeHealth extends AsyncDisposable {
  readonly port: number
}

/**
 * /healthz is for balancers: it fails for a node that is about to go. /livez is about the proxy
 * alone, so that nobody restarts it because its node is leaving.
 */
export async function startNodeHealth(
  parts: NodeHealthParts,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<NodeHealth> {
  const server = createServer(({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://localhost')
    if (pathname !== '/healthz' && pathname !== '/livez') {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n')
      return
    }
    const { status, body } = nodeHealthAnswer(parts, pathname === '/healthz')
    parts.answered(status)
    response.writeHead(status, {
      'content-type': 'application/json',
      'x-content-type-options': 'nosniff',
    })
    response.end(body)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, resolve)
  })
  const bound = (server.address() as AddressInfo).port
  parts.log.info('serving health to balancers', { host, port: bound })
  return {
    port: bound,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function nodeHealthAnswer(
  { clock, figures, node }: NodeHealthParts,
  isForBalancers: boolean,
): { status: number; body: string } {
  const nodeEligible = isEligible(node())
  const { isHealthy, lastSyncedAt } = figures
  const now = clock.now()
  const currentTime = new Date(now).toISOString()
  // As upstream: while all is well, the rules are as of now, however long ago they were written.
  const lastUpdated = isHealthy ? currentTime : new Date(lastSyncedAt).toISOString()
  const isFine = isHealthy && (nodeEligible || !isForBalancers)
  const shown = { lastUpdated, currentTime, ...(isForBalancers && { nodeEligible }) }
  return { status: isFine ? 200 : 503, body: JSON.stringify(shown) }
}

function isEligible(node: Node | undefined): boolean {
  if (!node) return true
  if (node.metadata.deletionTimestamp) return false
  return !(node.spec.taints ?? []).some(({ key }) => key === LEAVING_TAINT)
}
