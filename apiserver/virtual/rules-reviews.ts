/** SelfSubjectRulesReview: what may I do in this namespace? */
import type { SelfSubjectRulesReview } from '#api/kinds/authorization/self-subject-rules-review.ts'
import { badRequest } from '#api/status.ts'
import type { UserRules } from '../auth/authorizer.ts'
import type { ResourceContext, ServerParts } from '../request-context.ts'
import type { Resource } from '../resources.ts'
import type { ObjectResult } from '../result.ts'
import { readQuestion } from './question.ts'

export async function reviewOwnRules(
  context: ResourceContext,
  parts: ServerParts,
  resource: Resource,
): Promise<ObjectResult> {
  const question = await readQuestion(context, parts, resource)
  const { namespace } = (question as unknown as SelfSubjectRulesReview).spec
  if (!namespace) throw badRequest('no namespace on request')
  const { kind, apiVersion } = question
  const found = parts.authorizer.rulesFor?.(context.user, namespace) ?? unlisted
  // The question is not repeated: this is how upstream answers.
  const object = { kind, apiVersion, metadata: {}, spec: {}, status: statusOf(found) }
  return { type: 'object', status: 201, kind: resource.kind, object }
}

const unlisted: UserRules = { rules: [], incomplete: true }

function statusOf({ rules, incomplete, problem }: UserRules): object {
  const resourceRules = rules.filter(({ resources }) => resources?.length)
  const nonResourceRules = rules.filter(({ nonResourceURLs }) => nonResourceURLs?.length)
  return {
    resourceRules: resourceRules.map(({ verbs, apiGroups, resources, resourceNames }) => ({
      verbs,
      ...(apiGroups && { apiGroups }),
      ...(resources && { resources }),
      ...(resourceNames && { resourceNames }),
    })),
    nonResourceRules: nonResourceRules.map(({ verbs, nonResourceURLs }) => ({
      verbs,
      nonResourceURLs,
    })),
    incomplete,
    ...(problem && { evaluationError: problem }),
  }
}
