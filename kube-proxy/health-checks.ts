/** Tells balancers, at a port for each Service, whether this node has endpoints for it. */
import { createServer, type Server } from 'node:http'
import type { Service } from '#api/kinds/core/service.ts'
import type { EventRecorder } from '#client/events.ts'
import { keyOf } from '#client/resource.ts'
import type { Log } from '#daemon/log.ts'
import { reference } from '#daemon/log.ts'

export interface HealthCheckedService {
  readonly service: Service
  readonly port: number
  readonly localEndpoints: number
}

export interface HealthCheckParts {
  readonly log: Log
  /** Whether the rules of the node follow what is wanted. */
  readonly isProxyHealthy: () => boolean
  /** All addresses unless given. */
  readonly host?: string
  readonly events: EventRecorder
  readonly nodeName: string
}

interface Listening {
  asked: HealthCheckedService
  readonly server: Server
}

export class HealthChecks implements AsyncDisposable {
  readonly #parts: HealthCheckParts
  readonly #listening = new Map<string, Listening>()

  constructor(parts: HealthCheckParts) {
    this.#parts = parts
  }

  /** What a Service says now; undefined when it has no such port any more. */
  set(key: string, asked: HealthCheckedService | undefined): void {
    const known = this.#listening.get(key)
    if (asked && known?.asked.port === asked.port) {
      known.asked = asked
      return
    }
    if (known) {
      this.#listening.delete(key)
      known.server.close()
      known.server.closeAllConnections()
    }
    if (asked) this.#listening.set(key, this.#listen(key, asked))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const servers = [...this.#listening.values()].map(({ server }) => server)
    this.#listening.clear()
    await Promise.all(
      servers.map(async (server) => {
        if (!server.listening) return
        const closed = new Promise((resolve) => server.close(resolve))
        server.closeAllConnections()
        await closed
      }),
    )
  }

  #listen(key: string, asked: HealthCheckedService): Listening {
    const { log, host, events, nodeName, isProxyHealthy } = this.#parts
    const listening: Listening = {
      asked,
      server: createServer((_request, response) => {
        const { status, headers, body } = healthAnswer(listening.asked, isProxyHealthy())
        response.writeHead(status, headers).end(body)
      }),
    }
    listening.server.on('error', (error) => {
      const { service, port } = asked
      log.warn('cannot serve the health check of a Service', {
        object: reference('Service', service.metadata),
        port,
        error,
      })
      const name = JSON.stringify(keyOf(service))
      const message = `node ${nodeName} failed to start healthcheck ${name} on port ${port}`
      events.warning(service, 'FailedToStartServiceHealthcheck', `${message}: ${error.message}`)
      // The next change of the Service or of its endpoints tries again.
      if (this.#listening.get(key) === listening) this.#listening.delete(key)
    })
    listening.server.listen({ port: asked.port, ...(host && { host }) })
    return listening
  }
}

/** Upstream's answer, to the letter: balancers read its code, people its text. */
export function healthAnswer(
  { service: { metadata }, localEndpoints }: HealthCheckedService,
  isProxyHealthy: boolean,
): { status: number; headers: Record<string, string>; body: string } {
  const { namespace, name } = metadata
  const shown = {
    service: { namespace, name },
    localEndpoints,
    serviceProxyHealthy: isProxyHealthy,
  }
  return {
    status: localEndpoints > 0 && isProxyHealthy ? 200 : 503,
    headers: {
      'content-type': 'application/json',
      'x-content-type-options': 'nosniff',
      'x-load-balancing-endpoint-weight': String(localEndpoints),
    },
    body: JSON.stringify(shown, undefined, '\t'),
  }
}
