/** TokenReview: whose token is this, and is it meant for the one who asks? */
import type { TokenReview } from '#api/kinds/authentication/token-review.ts'
import { badRequest } from '#api/status.ts'
import { CredentialError } from '../auth/authenticator.ts'
import type { ResourceContext, ServerParts } from '../request-context.ts'
import type { Resource } from '../resources.ts'
import type { ObjectResult } from '../result.ts'
import { readQuestion } from './question.ts'
import { userInfoOf } from './self-subject-reviews.ts'

export async function reviewToken(
  context: ResourceContext,
  parts: ServerParts,
  resource: Resource,
): Promise<ObjectResult> {
  const object = await readQuestion(context, parts, resource)
  const { token, audiences } = (object as unknown as TokenReview).spec
  if (!token) throw badRequest('token is required for TokenReview in authentication')
  const status = await statusFor(parts, token, audiences ?? [])
  return { type: 'object', status: 201, kind: resource.kind, object: { ...object, status } }
}

async function statusFor(
  { credentials: { tokens } }: ServerParts,
  token: string,
  audiences: readonly string[],
): Promise<object> {
  const wanted = audiences.length ? audiences : tokens.serverAudiences
  try {
    // What the owner of the token should hear is no business of the one who asks about it.
    const { user, audiences: common } = await tokens.owner(token, wanted, [])
    return { authenticated: true, user: userInfoOf(user), audiences: common }
  } catch (error) {
    if (!(error instanceof CredentialError)) throw error
    return { user: {}, error: error.message }
  }
}
