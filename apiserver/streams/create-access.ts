/** Streams into pods come with GET or POST; either way the caller must be one who may create. */
import { denied } from '../auth/denied.ts'
import type { ResourceContext, ServerParts } from '../request-context.ts'

/** WebSockets can only be opened with GET, and to read pods is not to run programs in them. */
export async function checkMayCreate(
  { info, user }: ResourceContext,
  { authorizer }: ServerParts,
): Promise<void> {
  if (info.verb === 'create') return
  const asked = { ...info, verb: 'create' as const }
  const { allowed, reason } = await authorizer.authorize(user, asked)
  if (!allowed) throw denied(user, asked, reason)
}
