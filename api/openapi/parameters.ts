/** The parameters of requests, as OpenAPI documents declare them. */
import { jsonFields, resolved, type StructSchema } from '../schema.ts'

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query'
  readonly description: string
  readonly required?: true
  readonly schema: { readonly type: string; readonly uniqueItems: true }
}

function query(
  name: string,
  type: 'string' | 'integer' | 'boolean',
  description: string,
): Parameter {
  return { name, in: 'query', description, schema: { type, uniqueItems: true } }
}

function path(name: string, description: string): Parameter {
  const schema = { type: 'string', uniqueItems: true } as const
  return { name, in: 'path', description, required: true, schema }
}

const dryRun = query(
  'dryRun',
  'string',
  'With All, every step of the request is taken but nothing is stored.',
)
const fieldManager = query(
  'fieldManager',
  'string',
  'Name of the actor that makes the change, for the record of who manages which fields. At most 128 printable characters.',
)
const fieldValidation = query(
  'fieldValidation',
  'string',
  'What becomes of unknown and duplicate fields: Ignore drops them, Warn (the default) drops them and says so in a warning, Strict refuses the request.',
)
const labelSelector = query(
  'labelSelector',
  'string',
  'Restricts the objects to those whose labels match.',
)
const fieldSelector = query(
  'fieldSelector',
  'string',
  'Restricts the objects to those whose fields match.',
)
const resourceVersion = query(
  'resourceVersion',
  'string',
  'How fresh the answer must be, or the version after which a watch starts.',
)
const resourceVersionMatch = query(
  'resourceVersionMatch',
  'string',
  'How resourceVersion applies to a list: Exact, or NotOlderThan.',
)
const limit = query(
  'limit',
  'integer',
  'The greatest number of objects to answer with; the rest follows with the continue token of the answer.',
)
const continueToken = query(
  'continue',
  'string',
  'The token of an answer that was cut off by limit, to get what follows.',
)
const timeoutSeconds = query('timeoutSeconds', 'integer', 'How long a list or watch may take.')
const sendInitialEvents = query(
  'sendInitialEvents',
  'boolean',
  'Starts a watch with an event for each existing object and then a bookmark.',
)
const watch = query(
  'watch',
  'boolean',
  'Answers with a stream of changes to the objects instead of a list.',
)
const allowWatchBookmarks = query(
  'allowWatchBookmarks',
  'boolean',
  'Lets a watch report the version it has reached when nothing changes.',
)
const gracePeriodSeconds = query(
  'gracePeriodSeconds',
  'integer',
  'How long the object may take to end; 0 deletes it at once, and the default is that of its kind.',
)
const ignoreStoreReadError = query(
  'ignoreStoreReadErrorWithClusterBreakingPotential',
  'boolean',
  'Deletes an object that cannot be read from the store, without finalizers and checks.',
)
const orphanDependents = query(
  'orphanDependents',
  'boolean',
  'Deprecated, use propagationPolicy. Whether the dependents of the object are kept.',
)
const propagationPolicy = query(
  'propagationPolicy',
  'string',
  'What becomes of the dependents: Orphan keeps them, Background deletes them later, Foreground deletes them first.',
)
const force = query(
  'force',
  'boolean',
  'Whether an apply takes over fields that other managers own.',
)

export const pretty = query(
  'pretty',
  'string',
  'With true, the answer is indented for people to read.',
)
export const namespaceParameter = path('namespace', 'Namespace of the objects.')
export const proxyPathParameter = path('path', 'Path of the URL to pass the request on to.')
export const nameParameter = (kind: string): Parameter => path('name', `Name of the ${kind}.`)

export const deleteParameters = [
  dryRun,
  gracePeriodSeconds,
  ignoreStoreReadError,
  orphanDependents,
  propagationPolicy,
]
export const listParameters = [
  allowWatchBookmarks,
  continueToken,
  fieldSelector,
  labelSelector,
  limit,
  resourceVersion,
  resourceVersionMatch,
  sendInitialEvents,
  timeoutSeconds,
  watch,
]
export const deleteCollectionParameters = [
  continueToken,
  dryRun,
  fieldSelector,
  gracePeriodSeconds,
  ignoreStoreReadError,
  labelSelector,
  limit,
  orphanDependents,
  propagationPolicy,
  resourceVersion,
  resourceVersionMatch,
  sendInitialEvents,
  timeoutSeconds,
]
export const writeParameters = [dryRun, fieldManager, fieldValidation]
export const patchParameters = [...writeParameters, force]

/** The fields of an options object as query parameters; those that repeat are declared once. */
export function optionParameters(schema: StructSchema): readonly Parameter[] {
  return jsonFields(schema).flatMap(([name, { doc, schema: type }]) => {
    if (name === 'kind' || name === 'apiVersion') return []
    const target = resolved(type)
    const item = target.type === 'list' ? resolved(target.item).type : target.type
    const jsonType = item === 'boolean' ? 'boolean' : item.startsWith('int') ? 'integer' : 'string'
    return [query(name, jsonType, doc)]
  })
}
