/** SelfSubjectReview: whom the server takes the caller for. */
import type { ResourceContext, ServerParts, User } from '../request-context.ts'
import type { Resource } from '../resources.ts'
import type { ObjectResult } from '../result.ts'
import { readQuestion } from './question.ts'

export async function reviewSelf(
  context: ResourceContext,
  parts: ServerParts,
  resource: Resource,
): Promise<ObjectResult> {
  const object = await readQuestion(context, parts, resource)
  const answer = { ...object, status: { userInfo: userInfoOf(context.user) } }
  return { type: 'object', status: 201, kind: resource.kind, object: answer }
}

/** A user as the API shows it. */
export function userInfoOf({ name, uid, groups, extra }: User): object {
  return {
    username: name,
    ...(uid && { uid }),
    ...(groups.length > 0 && { groups }),
    ...(extra && Object.keys(extra).length > 0 && { extra }),
  }
}
