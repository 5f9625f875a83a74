/** A real API server inside the test: a store in a folder of its own, plain HTTP on a free port. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openServer, type Settings } from '#apiserver/open.ts'
import type { ServerParts } from '#apiserver/request-context.ts'
import type { ApiServer } from '#apiserver/server.ts'
import type { Clock } from '#daemon/clock.ts'
import { systemClock } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import { seededRandom } from '#daemon/random.ts'
import { testCredentials } from './credentials.ts'

export interface TestServer extends AsyncDisposable {
  readonly url: string
  readonly parts: ServerParts
  readonly server: ApiServer
  /** What the server logged as a warning or worse. */
  readonly logged: readonly string[]
}

export interface TestServerOptions {
  readonly clock?: Clock
  /** Kept when the server is gone, for another one to start with; one of its own unless given. */
  readonly directory?: string
  readonly serviceNetwork?: Settings['serviceNetwork']
  readonly advertised?: Settings['advertised']
  /** Node and RBAC in place of an authorizer that allows everything. */
  readonly authorization?: 'rbac'
  /** Any other setting that a test wants otherwise. */
  readonly settings?: Partial<Settings>
}

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { serviceNetwork, advertised } = options
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'nanokube-test-')))
  const logged: string[] = []
  const opened = await openServer({
    directory,
    ...(serviceNetwork && { serviceNetwork }),
    ...(advertised && { advertised }),
    clock: options.clock ?? systemClock,
    random: seededRandom(42),
    log: collectingLog(logged),
    credentials: testCredentials,
    authenticators: [{ authenticate: () => admin }],
    ...(options.authorization !== 'rbac' && {
      authorizer: { authorize: () => ({ allowed: true }) },
    }),
    // No controller runs here that would give each namespace its account.
    admission: { disable: ['ServiceAccount'] },
    ...options.settings,
  })
  const port = await opened.server.listen({ host: '127.0.0.1', port: 0 })
  return {
    url: `http://127.0.0.1:${port}`,
    parts: opened.parts,
    server: opened.server,
    logged,
    async [Symbol.asyncDispose]() {
      await opened[Symbol.asyncDispose]()
      if (options.directory === undefined) await rm(directory, { recursive: true })
    },
  }
}

const admin = { name: 'admin', groups: ['system:masters', 'system:authenticated'] }

function collectingLog(lines: string[]): Log {
  const keep = (message: string, fields: object = {}): void => {
    lines.push(`${message} ${JSON.stringify(fields)}`)
  }
  const drop = (): void => undefined
  const log: Log = {
    trace: drop,
    debug: drop,
    info: drop,
    warn: keep,
    error: keep,
    fatal: keep,
    child: () => log,
    enabled: (level) => ['warn', 'error', 'fatal'].includes(level),
  }
  return log
}
