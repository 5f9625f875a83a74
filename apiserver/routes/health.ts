/** The checks behind /healthz, /livez and /readyz, and their answers. */
import { createHealth, type Health } from '#daemon/health.ts'
import type { RequestContext, ServerParts } from '../request-context.ts'
import { PAGE_NOT_FOUND, plainText, type Result } from '../result.ts'
import type { Store } from '../store/store.ts'

export interface Condition {
  readonly store: Store
  /** What every cluster has from its first start on has been made. */
  readonly isBootstrapped: () => boolean
  readonly isStopping: () => boolean
}

/** Named as upstream names them, so that `?exclude=etcd` means the store here too. */
export function serverHealth(
  { clock, log }: Pick<ServerParts, 'clock' | 'log'>,
  { store, isBootstrapped, isStopping }: Condition,
): Health {
  const health = createHealth(clock, log)
  health.add('log', () => {})
  health.add('etcd', () => {
    if (store.fault) throw store.fault
  })
  health.add('poststarthook/bootstrap', () => {
    if (!isBootstrapped()) throw new Error('not finished')
  })
  // Asked first where traffic is to be sent; the process is well while it stops.
  health.add('shutdown', () => {
    if (isStopping()) throw new Error('process is shutting down')
  }, ['readyz'])
  return health
}

export async function healthAnswer(
  { info }: RequestContext,
  { health }: ServerParts,
): Promise<Result> {
  const answer = await health.answer(info.path.replace(/\/$/, ''), info.query)
  if (!answer) return plainText(404, PAGE_NOT_FOUND)
  const headers = { ...answer.headers, 'cache-control': 'no-cache, private' }
  return { type: 'plain', ...answer, headers }
}
