/** Which of our protocols a request asks for, and what it hears when there is none. */
import { badRequest } from '#api/status.ts'
import { disagreement } from '#daemon/streams/accept-upgrade.ts'
import type { RequestContext } from '../request-context.ts'
import { type PlainResult, plainText } from '../result.ts'

export type UpgradeKind = 'websocket' | 'spdy'

/** Which of our two protocols a client wants; a plain request is refused. */
export function upgradeKind({ upgrade, headers }: RequestContext): UpgradeKind {
  const wanted = upgrade && headers.upgrade?.toLowerCase()
  if (wanted === 'websocket') return 'websocket'
  if (wanted === 'spdy/3.1') return 'spdy'
  throw badRequest('Upgrade request required')
}

export const noAgreement = (
  offered: readonly string[],
  known: readonly { readonly name: string }[],
): PlainResult => plainText(403, disagreement(offered, known))
