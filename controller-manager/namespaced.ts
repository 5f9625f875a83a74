/** What every namespace is to have: made where it is missing, unless the namespace is going. */
import type { Namespace } from '#api/kinds/core/namespace.ts'
import { isReason } from '#api/status.ts'
import type { ApiObject, Resource } from '#client/resource.ts'
import type { Client } from '#client/rest.ts'

export const isActive = ({ metadata, status }: Namespace): boolean =>
  !metadata.deletionTimestamp && status.phase !== 'Terminating'

/** That somebody else was quicker, or that the namespace has begun to go, is no failure. */
export async function createdUnlessThere<S extends ApiObject, I extends object>(
  client: Client,
  kind: Resource<S, I>,
  object: NoInfer<I>,
): Promise<void> {
  try {
    await client.create(kind, object)
  } catch (error) {
    const isSettled = isReason(error, 'AlreadyExists', 'NotFound') || isTerminating(error)
    if (!isSettled) throw error
  }
}

const isTerminating = (error: unknown): boolean =>
  isReason(error, 'Forbidden') &&
  Boolean(error.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating'))
