/** Resource versions as callers write them, and the revisions of the store that they mean. */
import { Problems } from '#api/problems.ts'
import {
  continueProblem,
  parseResourceVersion,
  ResourceVersionError,
  validateListParameters,
} from '#api/resource-version.ts'
import { badRequest, expired, invalid, StatusError } from '#api/status.ts'
import { queryFlag } from './query-values.ts'
import type { Store } from './store/store.ts'
import { isStoreError } from './store/store-error.ts'

const RETRY_SECONDS = 1

/** The revision a text means: undefined for none or "0", which any state satisfies. */
export function revisionOf(text: string | null): number | undefined {
  try {
    return Number(parseResourceVersion(text ?? '')) || undefined
  } catch (error) {
    if (!(error instanceof ResourceVersionError)) throw error
    const message = `resourceVersion: Invalid value: ${JSON.stringify(text)}: ${error.message}`
    throw StatusError.withoutReason(500, message)
  }
}

/** Waits until reads show what the caller has seen elsewhere; without a wish, the newest state. */
export async function awaitRevision(store: Store, text: string | null): Promise<void> {
  const revision = revisionOf(text)
  if (text === '0') return
  try {
    await store.synchronize(revision)
  } catch (error) {
    if (!isStoreError(error, 'FutureRevision')) throw error
    throw tooLargeVersion(error.details.wanted ?? 0, error.details.found ?? 0)
  }
}

function tooLargeVersion(wanted: number, current: number): StatusError {
  const message = `Timeout: Too large resource version: ${wanted}, current: ${current}`
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }]
  return new StatusError('Timeout', message, { causes, retryAfterSeconds: RETRY_SECONDS })
}

/** What the store says when history is gone, as callers know it. */
export const tooOld = (wanted: number, oldest: number): StatusError =>
  expired(`too old resource version: ${wanted} (${oldest})`)

/** Refuses combinations of version parameters that make no sense together. */
export function checkListVersions(query: URLSearchParams, watch: boolean): void {
  const sendInitialEvents = query.get('sendInitialEvents')
  const parameters = {
    watch,
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
    continueToken: query.get('continue') ?? '',
    ...(sendInitialEvents !== null && { sendInitialEvents: queryFlag(query, 'sendInitialEvents') }),
  }
  const problems = new Problems()
  validateListParameters(parameters, problems)
  const kind = { group: 'meta.k8s.io', kind: 'ListOptions' }
  if (problems.list.length) throw invalid(kind, '', problems.list)
  const clash = continueProblem(parameters)
  if (clash) throw badRequest(clash)
}
