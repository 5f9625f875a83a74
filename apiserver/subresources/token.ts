/** TokenRequest: a token for a service account, bound to what it shall live and die with. */
import { applyDefaults } from '#api/defaults.ts'
import type { Kind } from '#api/kind.ts'
import {
  TokenRequest,
  type TokenRequest as TokenRequestObject,
} from '#api/kinds/authentication/token-request.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import { emptyObject, trackCreate } from '#api/patch/managed-fields.ts'
import { Path, Problems } from '#api/problems.ts'
import { badRequest, conflict, invalid, notFound } from '#api/status.ts'
import { epochToTime } from '#api/time.ts'
import { validate } from '#api/validate.ts'
import { accountUserName, type BoundClaims } from '../auth/service-accounts/claims.ts'
import { timeOf } from '../managed-fields.ts'
import type { ResourceContext, ServerParts } from '../request-context.ts'
import type { Resource } from '../resources.ts'
import type { ObjectResult } from '../result.ts'
import type { ApiObject } from '../stored-object.ts'
import { requestObject } from '../wire/request-object.ts'
import { writeParameters } from '../write-options.ts'

/** What the kubelet asks for, and how long its tokens stay good when clients do not read anew. */
const RENEWED_SECONDS = 3607
const EXTENDED_SECONDS = 365 * 86_400

const kind = TokenRequest as Kind

export async function requestToken(
  context: ResourceContext,
  parts: ServerParts,
  accounts: Resource,
): Promise<ObjectResult> {
  const { info, headers, warnings, user } = context
  const parameters = writeParameters('CreateOptions', info.query, headers['user-agent'] ?? '')
  const object = requestObject(context, kind, parameters.fieldValidation)
  applyDefaults(kind.schema, object)
  const now = parts.clock.now()
  const writer = { manager: parameters.fieldManager, subresource: 'token', time: timeOf(now) }
  trackCreate(
    { schema: kind.schema, apiVersion: kind.apiVersion },
    emptyObject(kind),
    object,
    writer,
  )
  checkPlace(object, context)
  const account = objectAt(parts, 'serviceaccounts', info.namespace, info.name)
  const { spec } = object as unknown as TokenRequestObject
  const { settings } = parts.credentials.serviceAccounts
  const attributes = {
    operation: 'CREATE',
    resource: accounts,
    subresource: 'token',
    namespace: info.namespace,
    name: info.name,
    object,
    user,
    dryRun: parameters.dryRun,
    warnings,
  } as const
  // Before anything is filled in that the caller did not say.
  await parts.admission.mutate(attributes)
  if (!spec.audiences?.length) spec.audiences = [...settings.audiences]
  const seconds = Math.floor(now / 1000)
  object.metadata = {
    ...object.metadata,
    name: info.name,
    namespace: info.namespace,
    creationTimestamp: epochToTime(seconds),
  }
  delete object.status
  const problems = new Problems()
  validate(kind.schema, object, problems)
  if (problems.list.length) throw invalid(kind, '', problems.list)
  await using _admitted = await parts.admission.validate(attributes)
  const bound = boundClaims(parts, account, spec)
  const wanted = shortened(spec, settings.maxExpirationSeconds, warnings)
  const isExtended =
    settings.extendExpiration &&
    bound.pod !== undefined &&
    wanted === RENEWED_SECONDS &&
    spec.audiences.every((each) => settings.audiences.includes(each))
  const token = await parts.credentials.serviceAccounts.issue({
    sub: accountUserName(info.namespace, info.name),
    aud: spec.audiences,
    iat: seconds,
    nbf: seconds,
    exp: seconds + (isExtended ? EXTENDED_SECONDS : wanted),
    jti: parts.random.uuid(),
    'kubernetes.io': { ...bound, ...(isExtended && { warnafter: seconds + wanted }) },
  })
  const status = { token, expirationTimestamp: epochToTime(seconds + wanted) }
  return { type: 'object', status: 201, kind, object: { ...object, status } }
}

/** A body that names the account must name the one of the URL. */
function checkPlace({ metadata }: ApiObject, { info }: ResourceContext): void {
  const at = Path.root.child('metadata')
  for (const field of ['name', 'namespace'] as const) {
    const given = metadata[field]
    if (!given || given === info[field]) continue
    const problems = new Problems()
    const detail = `must match the service account ${field} if specified`
    problems.invalid(at.child(field), given, detail)
    throw invalid(kind, info.name, problems.list)
  }
}

function shortened(
  spec: TokenRequestObject['spec'],
  most: number | undefined,
  warnings: string[],
): number {
  const wanted = spec.expirationSeconds!
  if (most === undefined || wanted <= most) return wanted
  warnings.push(`requested expiration of ${wanted} seconds shortened to ${most} seconds`)
  spec.expirationSeconds = most
  return most
}

function boundClaims(
  parts: ServerParts,
  { metadata }: ApiObject,
  { boundObjectRef: reference }: TokenRequestObject['spec'],
): BoundClaims {
  const { name, uid } = metadata
  const namespace = metadata.namespace!
  const base = { namespace, serviceaccount: { name, uid: uid! } }
  if (!reference) return base
  const [group = '', version = ''] = splitVersion(reference.apiVersion ?? '')
  const find = (plural: string, place: string): ApiObject => {
    const found = objectAt(parts, plural, place, reference.name ?? '')
    checkUid(found, reference.uid, { group, plural: reference.kind ?? '' })
    return found
  }
  switch (group || reference.kind) {
    case 'Pod': {
      const pod = objectAt(parts, 'pods', namespace, reference.name ?? '') as unknown as Pod
      if (pod.spec.serviceAccountName !== name) {
        throw badRequest(
          `cannot bind token for serviceaccount ${JSON.stringify(name)} ` +
            'to pod running with different serviceaccount name.',
        )
      }
      const { metadata: of } = find('pods', namespace)
      const node = nodeClaim(parts, pod.spec.nodeName)
      return { ...base, pod: { name: of.name, uid: of.uid! }, ...(node && { node }) }
    }
    case 'Secret': {
      const { metadata: of } = find('secrets', namespace)
      return { ...base, secret: { name: of.name, uid: of.uid! } }
    }
    case 'Node': {
      const { metadata: of } = find('nodes', '')
      return { ...base, node: { name: of.name, uid: of.uid! } }
    }
    default: {
      const type = `${group}/${version}, Kind=${reference.kind ?? ''}`
      throw badRequest(`cannot bind token to object of type ${type}`)
    }
  }
}

/** A pod can be on a node that has no object any more: then its name is all there is. */
function nodeClaim({ store, resources }: ServerParts, name: string | undefined) {
  if (!name) return undefined
  const nodes = resources.find('', 'v1', 'nodes')!
  const entry = store.get(nodes.keyOf('', name))
  const uid = entry && nodes.parse(entry).metadata.uid
  return { name, ...(uid && { uid }) }
}

function checkUid(
  { metadata }: ApiObject,
  wanted: string | undefined,
  resource: { group: string; plural: string },
): void {
  if (!wanted || wanted === metadata.uid) return
  const why =
    `the UID in the bound object reference (${wanted}) does not match the UID in record. ` +
    'The object might have been deleted and then recreated'
  throw conflict(resource, metadata.name, why)
}

function objectAt(
  { store, resources }: ServerParts,
  plural: string,
  namespace: string,
  name: string,
): ApiObject {
  const resource = resources.find('', 'v1', plural)!
  const entry = store.get(resource.keyOf(namespace, name))
  if (!entry) throw notFound(resource, name)
  return resource.parse(entry)
}

function splitVersion(apiVersion: string): [group: string, version: string] {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? ['', apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)]
}
