/** The media types of bodies: which there are, and requests and answers described in each. */
export const objectTypes = [
  'application/json',
  'application/vnd.kubernetes.protobuf',
  'application/yaml',
]
const streamTypes = [
  'application/json;stream=watch',
  'application/vnd.kubernetes.protobuf;stream=watch',
]
const patchTypes = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
]

export interface MediaTypes {
  readonly objects: readonly string[]
  readonly streams: readonly string[]
  readonly patches: readonly string[]
}

export const builtInTypes: MediaTypes = {
  objects: objectTypes,
  streams: streamTypes,
  patches: patchTypes,
}

/** Without protobuf and strategic merge: clients read here how they may send a patch. */
export const customTypes: MediaTypes = {
  objects: objectTypes.filter((type) => !type.includes('protobuf')),
  streams: streamTypes.filter((type) => !type.includes('protobuf')),
  patches: patchTypes.filter((type) => !type.includes('strategic')),
}

/** The same schema for each media type. */
export function content(mediaTypes: readonly string[], schema: object): object {
  return Object.fromEntries(mediaTypes.map((type) => [type, { schema }]))
}

const reasons = { 200: 'OK', 201: 'Created', 202: 'Accepted' } as const

export function responses(
  codes: readonly (keyof typeof reasons)[],
  schema: object,
  mediaTypes: readonly string[] = objectTypes,
): object {
  const successes = codes.map((code) => [
    code,
    { description: reasons[code], content: content(mediaTypes, schema) },
  ])
  return { ...Object.fromEntries(successes), 401: { description: 'Unauthorized' } }
}
