/** Access reviews: the authorizer is asked whether somebody may do something, and answers. */
import { FieldSelectorError, formatFieldSelector, parseFieldSelector } from '#api/field-selector.ts'
import { LabelSelectorError, parseLabelSelector } from '#api/label-selector.ts'
import type {
  ResourceAttributes,
  SubjectAccessReviewSpec,
} from '#api/parts/authorization/access-review.ts'
import { Problems } from '#api/problems.ts'
import { invalid } from '#api/status.ts'
import { validate } from '#api/validate.ts'
import type { ResourceContext, ServerParts, User } from '../request-context.ts'
import type { RequestInfo } from '../request-info.ts'
import type { Resource } from '../resources.ts'
import type { ObjectResult } from '../result.ts'
import type { ApiObject } from '../stored-object.ts'
import { readQuestion } from './question.ts'

/** SubjectAccessReview and LocalSubjectAccessReview: may this user do this? */
export async function reviewSubject(
  context: ResourceContext,
  parts: ServerParts,
  resource: Resource,
): Promise<ObjectResult> {
  const object = await checkedQuestion(context, parts, resource)
  const { user: name = '', groups, extra, uid } = specOf(object)
  const user = { name, groups: groups ?? [], ...(uid && { uid }), ...(extra && { extra }) }
  return answered(parts, resource, object, user as User)
}

/** SelfSubjectAccessReview: may I do this? */
export async function reviewOwnAccess(
  context: ResourceContext,
  parts: ServerParts,
  resource: Resource,
): Promise<ObjectResult> {
  const object = await checkedQuestion(context, parts, resource)
  return answered(parts, resource, object, context.user)
}

const specOf = (object: ApiObject) => object.spec as SubjectAccessReviewSpec

async function checkedQuestion(
  context: ResourceContext,
  parts: ServerParts,
  resource: Resource,
): Promise<ApiObject> {
  const object = await readQuestion(context, parts, resource)
  const problems = new Problems()
  validate(resource.kind.schema, object, problems)
  // Upstream names neither the kind nor the object.
  if (problems.list.length) throw invalid({ group: resource.group, kind: '' }, '', problems.list)
  return object
}

async function answered(
  { authorizer }: ServerParts,
  { kind }: Resource,
  object: ApiObject,
  user: User,
): Promise<ObjectResult> {
  const { info, problems } = infoOf(specOf(object))
  const { allowed, reason } = await authorizer.authorize(user, info)
  const status = {
    allowed,
    ...(reason && { reason }),
    ...(problems.length > 0 && { evaluationError: problems.join('; ') }),
  }
  return { type: 'object', status: 201, kind, object: { ...object, status } }
}

/** The request that is asked about, and what of it could not be understood. */
function infoOf({ resourceAttributes, nonResourceAttributes }: SubjectAccessReviewSpec): {
  readonly info: RequestInfo
  readonly problems: readonly string[]
} {
  if (!resourceAttributes) {
    const { path = '', verb = '' } = nonResourceAttributes ?? {}
    const info = { isResource: false as const, verb, path, query: new URLSearchParams() }
    return { info, problems: [] }
  }
  const { namespace = '', verb = '', group = '', version, name = '' } = resourceAttributes
  const { resource = '', subresource = '' } = resourceAttributes
  const { query, problems } = selectorsOf(resourceAttributes)
  const info: RequestInfo = {
    isResource: true,
    // A review may ask about more verbs than requests have.
    verb: verb as 'get',
    group,
    version: version || '*',
    resource,
    subresource,
    namespace,
    name,
    rest: '',
    path: '',
    query,
  }
  return { info, problems }
}

interface Requirement {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}

/** Selectors as a request would carry them in its query: this is where authorizers look. */
function selectorsOf({ fieldSelector, labelSelector }: ResourceAttributes) {
  const query = new URLSearchParams()
  const problems: string[] = []
  const add = (name: string, text: string, isWhole: boolean): void => {
    if (text) query.set(name, text)
    if (isWhole) return
    const what = text ? 'partially ignored' : 'ignored'
    problems.push(`spec.resourceAttributes.${name} ${what} due to parse error`)
  }
  if (fieldSelector) {
    const { rawSelector, requirements = [] } = fieldSelector
    if (rawSelector) addRaw('fieldSelector', rawSelector, parseFieldSelector, add)
    else {
      const known = requirements.filter(isFieldRequirement)
      const selector = known.map(({ key: field, operator, values }) => ({
        field,
        operator: operator === 'In' ? ('=' as const) : ('!=' as const),
        value: values![0]!,
      }))
      add('fieldSelector', formatFieldSelector(selector), known.length === requirements.length)
    }
  }
  if (labelSelector) {
    const { rawSelector, requirements = [] } = labelSelector
    if (rawSelector) addRaw('labelSelector', rawSelector, parseLabelSelector, add)
    else {
      const known = requirements.filter(({ operator }) => operator in labelTexts)
      const text = known.map((each) => labelTexts[each.operator]!(each)).join(',')
      add('labelSelector', text, known.length === requirements.length)
    }
  }
  return { query, problems }
}

function addRaw(
  name: string,
  text: string,
  parse: (text: string) => unknown,
  add: (name: string, text: string, isWhole: boolean) => void,
): void {
  try {
    parse(text)
    add(name, text, true)
  } catch (error) {
    if (!(error instanceof FieldSelectorError || error instanceof LabelSelectorError)) throw error
    // What cannot be read does not narrow the request: it is judged without it, and that is said.
    add(name, '', false)
  }
}

const isFieldRequirement = ({ operator, values }: Requirement): boolean =>
  (operator === 'In' || operator === 'NotIn') && values?.length === 1

const labelTexts: Readonly<Record<string, (requirement: Requirement) => string>> = {
  In: ({ key, values }) => `${key} in (${values?.join()})`,
  NotIn: ({ key, values }) => `${key} notin (${values?.join()})`,
  Exists: ({ key }) => key,
  DoesNotExist: ({ key }) => `!${key}`,
}
