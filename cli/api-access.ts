/** The API server of a cluster, as its administrator reaches it. */
import { Node } from '#api/kinds/core/node.ts'
import { Connection } from '#client/connection.ts'
import { loadTarget } from '#client/load-kubeconfig.ts'
import { Client } from '#client/rest.ts'
import { openWatch } from '#client/watch.ts'
import { httpWatches } from '#client/watch-transport.ts'
import type { Clock } from '#daemon/clock.ts'
import type { Random } from '#daemon/random.ts'
import type { ClusterFiles } from './cluster-files.ts'
import { fileThere } from './supervisor/file-there.ts'

export interface Access extends AsyncDisposable {
  readonly client: Client
  readonly connection: Connection
}

export const adminAccess = (files: ClusterFiles, clock: Clock): Promise<Access> =>
  accessBy(files.adminKubeconfig, clock)

export async function accessBy(path: string, clock: Clock): Promise<Access> {
  const target = await loadTarget({ path, environment: {}, clock })
  const connection = new Connection({ ...target, userAgent: 'nanokube-cli', clock })
  return {
    client: new Client({ connection }),
    connection,
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  }
}

/** Between two attempts to reach a server that is still starting. */
const RETRY_MS = 20

/** Resolves when the server says that it is ready. */
export async function serverReady(
  files: ClusterFiles,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  await fileThere(files.adminKubeconfig, signal)
  await using access = await adminAccess(files, clock)
  while (!(await isReady(access.client, signal))) await clock.sleep(RETRY_MS, signal)
}

async function isReady(client: Client, signal: AbortSignal): Promise<boolean> {
  try {
    const call = { method: 'GET', path: '/readyz', accept: 'text/plain', signal } as const
    return (await client.connection.call(call)).code === 200
  } catch {
    // Whatever it is, the deadline of the step ends it.
    return false
  }
}

interface AwaitedNodes {
  readonly names: readonly string[]
  /** What they said before counts for nothing, as of a cluster that was stopped. */
  readonly sinceMs: number
}

/** Resolves when all of them are Ready. */
export async function nodesReady(
  { client, connection }: Access,
  { names, sinceMs }: AwaitedNodes,
  random: Random,
  signal: AbortSignal,
): Promise<void> {
  const missing = new Set(names)
  if (missing.size === 0) return
  const ending = new AbortController()
  const parts = { transport: httpWatches(connection), random }
  const options = { signal: AbortSignal.any([signal, ending.signal]) }
  for await (const events of openWatch(parts, Node, options)) {
    for (const { type, object } of events) {
      if (type !== 'BOOKMARK' && isNodeReady(object as Node, sinceMs))
        missing.delete(object.metadata.name)
    }
    if (missing.size > 0) continue
    ending.abort()
    return
  }
  signal.throwIfAborted()
  const nodes = await client.list(Node)
  const left = names.filter(
    (name) => !nodes.some((n) => n.metadata.name === name && isNodeReady(n, sinceMs)),
  )
  if (left.length > 0)
    throw new Error(`the watch on nodes ended before ${left.join(', ')} were Ready`)
}

export function isNodeReady({ status }: Node, sinceMs = 0): boolean {
  const ready = status.conditions?.find(({ type }) => type === 'Ready')
  if (ready?.status !== 'True') return false
  return sinceMs === 0 || Date.parse(ready.lastHeartbeatTime ?? '') >= sinceMs
}
