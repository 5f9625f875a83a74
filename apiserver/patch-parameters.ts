/** What a PATCH request says about itself: the kind of patch, and its parameters. */
import { Path, Problems } from '#api/problems.ts'
import { invalid, StatusError, unsupportedMediaType } from '#api/status.ts'
import type { ResourceContext } from './request-context.ts'
import type { Resource } from './resources.ts'
import { mediaTypeOf } from './wire/media-types.ts'
import { type WriteParameters, writeParameters } from './write-options.ts'

export const jsonPatch = 'application/json-patch+json'
export const mergePatch = 'application/merge-patch+json'
const strategicPatch = 'application/strategic-merge-patch+json'
export const applyPatch = 'application/apply-patch+yaml'

export type PatchType =
  | typeof jsonPatch
  | typeof mergePatch
  | typeof strategicPatch
  | typeof applyPatch

const patchTypes: readonly PatchType[] = [jsonPatch, mergePatch, strategicPatch, applyPatch]
/** The strategic patch needs to know merge keys, which custom resources have none of. */
const customPatchTypes = patchTypes.filter((type) => type !== strategicPatch)

export function patchTypeOf({ headers }: ResourceContext, { isCustom }: Resource): PatchType {
  const given = mediaTypeOf(headers['content-type'])
  const type = (isCustom ? customPatchTypes : patchTypes).find((each) => each === given)
  if (type) return type
  if (isCustom) throw unsupportedMediaType(customPatchTypes)
  throw new StatusError('UnsupportedMediaType', '415: Unsupported Media Type', {})
}

export function patchParameters(
  { info: { query }, headers }: ResourceContext,
  type: PatchType,
): WriteParameters {
  const problems = new Problems()
  if (type !== applyPatch && query.has('force')) {
    problems.forbidden(Path.root.child('force'), 'may not be specified for non-apply patch')
  }
  if (type === applyPatch && !query.get('fieldManager')) {
    problems.required(Path.root.child('fieldManager'), 'is required for apply patch')
  }
  if (problems.list.length) {
    throw invalid({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', problems.list)
  }
  const parameters = writeParameters('PatchOptions', query, headers['user-agent'] ?? '')
  return { ...parameters, isPatch: true, ...(type === applyPatch && { isTracked: true }) }
}
