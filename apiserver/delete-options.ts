/** DeleteOptions: from the body, or from the query when there is none. */
import { decode } from '#api/decode.ts'
import { DecodeError } from '#api/decode-error.ts'
import { DeleteOptions } from '#api/kinds/meta/delete-options.ts'
import { Path, Problems } from '#api/problems.ts'
import { kindOf } from '#api/registry.ts'
import { badRequest, conflict, invalid, StatusError } from '#api/status.ts'
import type { ResourceContext } from './request-context.ts'
import type { Resource } from './resources.ts'
import type { ApiObject } from './stored-object.ts'
import { parsedBody } from './wire/request-object.ts'
import { checkDryRun } from './write-options.ts'

const policies = ['Foreground', 'Background', 'Orphan', 'nil']

export function deleteOptions({ info, headers, body }: ResourceContext): DeleteOptions {
  const { query } = info
  const posted = body.length ? bodyOptions(headers['content-type'], body) : undefined
  const options = posted ?? decoded(queryOptions(query))
  check(options)
  return options
}

function bodyOptions(contentType: string | undefined, body: Buffer): DeleteOptions {
  const { value } = parsedBody(contentType, body, DeleteOptions, 'Ignore')
  const { apiVersion = 'v1', kind = 'DeleteOptions' } = value as Partial<ApiObject>
  if (kind !== 'DeleteOptions' || !kindOf('v1', 'DeleteOptions')) {
    const message = `no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/runtime/scheme.go:100"`
    throw StatusError.withoutReason(500, message)
  }
  return decoded(value)
}

function decoded(value: unknown): DeleteOptions {
  try {
    return decode(DeleteOptions.schema, value) as DeleteOptions
  } catch (error) {
    if (error instanceof DecodeError) throw badRequest(error.message)
    throw error
  }
}

function queryOptions(query: URLSearchParams): object {
  const grace = query.get('gracePeriodSeconds')
  const orphan = query.get('orphanDependents')
  const policy = query.get('propagationPolicy')
  const dryRun = query.getAll('dryRun')
  return {
    ...(grace && { gracePeriodSeconds: numberIn(grace) }),
    ...(orphan && { orphanDependents: !['0', 'false'].includes(orphan) }),
    ...(policy && { propagationPolicy: policy }),
    ...(dryRun.length && { dryRun }),
  }
}

function numberIn(text: string): number {
  if (!/^-?\d{1,15}$/.test(text)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  }
  return Number(text)
}

function check({ propagationPolicy, orphanDependents, dryRun }: DeleteOptions): void {
  const problems = new Problems()
  const at = Path.root.child('propagationPolicy')
  if (propagationPolicy !== undefined && orphanDependents !== undefined) {
    problems.invalid(
      at,
      propagationPolicy,
      'orphanDependents and deletionPropagation cannot be both set',
    )
  }
  if (propagationPolicy !== undefined && !policies.includes(propagationPolicy)) {
    problems.notSupported(at, propagationPolicy, policies)
  }
  checkDryRun(dryRun ?? [], problems)
  const kind = { group: 'meta.k8s.io', kind: 'DeleteOptions' }
  if (problems.list.length) throw invalid(kind, '', problems.list)
}

/** Refuses when the object is not the one that the caller means. */
export function checkPreconditions(
  { kind }: Resource,
  { metadata }: ApiObject,
  { preconditions }: DeleteOptions,
): void {
  const resource = { group: kind.group, plural: kind.kind }
  const { uid, resourceVersion } = preconditions ?? {}
  if (uid !== undefined && uid !== metadata.uid) {
    throw conflict(
      resource,
      metadata.name,
      `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). ` +
        'The object might have been deleted and then recreated',
    )
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    throw conflict(
      resource,
      metadata.name,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match ` +
        `the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`,
    )
  }
}
