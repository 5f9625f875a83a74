/** What a request asks for, read from its method and path alone. */
import { queryFlag } from './query-values.ts'

export type RequestVerb =
  | 'get'
  | 'list'
  | 'watch'
  | 'create'
  | 'update'
  | 'patch'
  | 'delete'
  | 'deletecollection'

export interface ResourceRequest {
  readonly isResource: true
  readonly verb: RequestVerb
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  /** What follows the subresource: the path that a proxy request is for, without leading slash. */
  readonly rest: string
}

export interface PlainRequest {
  readonly isResource: false
  /** The HTTP method in lower case, as rules about non-resource URLs name it. */
  readonly verb: string
}

export type RequestInfo = (ResourceRequest | PlainRequest) & {
  readonly path: string
  readonly query: URLSearchParams
}

const verbs: Readonly<Record<string, RequestVerb>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

/** Subresources of a namespace itself; any other third segment is a resource inside it. */
const namespaceSubresources = new Set(['status', 'finalize'])

/** Subresources behind which any path may follow. */
const withRest = new Set(['proxy'])

export function requestInfo(method: string, url: string): RequestInfo {
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1))
  const request = resourceRequest(method, path, query)
  return { ...(request ?? { isResource: false, verb: method.toLowerCase() }), path, query }
}

function resourceRequest(
  method: string,
  path: string,
  query: URLSearchParams,
): ResourceRequest | undefined {
  const segments = decodedSegments(path)
  const root = rootOf(segments)
  if (!root) return undefined
  let { parts } = root
  let verb = verbs[method]
  // To ask what a proxied server allows is to look at it.
  if (method === 'OPTIONS' && withRest.has(targetOf(parts)?.subresource ?? '')) verb = 'get'
  if (!verb) return undefined
  // The old form of a watch, `/api/v1/watch/pods`, which some clients still use.
  const isOldWatch = parts[0] === 'watch' && parts.length > 1 && verb === 'get'
  if (isOldWatch) parts = parts.slice(1)
  const target = targetOf(parts)
  if (!target) return undefined
  if (isOldWatch) verb = 'watch'
  // One object by its name is got, even when `watch` is asked for too.
  else if (!target.name && verb === 'get') verb = queryFlag(query, 'watch') ? 'watch' : 'list'
  else if (!target.name && verb === 'delete') verb = 'deletecollection'
  return { isResource: true, verb, group: root.group, version: root.version, ...target }
}

const decodedSegments = (path: string): string[] => path.split('/').filter(Boolean).map(decoded)

/** A broken escape stays as it is: it names nothing here, but may be known behind a proxy. */
function decoded(segment: string): string {
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

function rootOf(segments: readonly string[]) {
  if (segments[0] === 'api' && segments.length > 2) {
    return { group: '', version: segments[1]!, parts: segments.slice(2) }
  }
  if (segments[0] === 'apis' && segments.length > 3) {
    return { group: segments[1]!, version: segments[2]!, parts: segments.slice(3) }
  }
  return undefined
}

function targetOf(parts: readonly string[]) {
  let namespace = ''
  let rest = parts
  if (parts[0] === 'namespaces' && parts.length > 1) {
    namespace = parts[1]!
    // A namespace itself lies in itself, as far as access is concerned.
    if (parts.length > 2 && !namespaceSubresources.has(parts[2]!)) rest = parts.slice(2)
  }
  const [resource, name = '', subresource = '', ...more] = rest
  if (!resource || (more.length > 0 && !withRest.has(subresource))) return undefined
  return { namespace, resource, name, subresource, rest: more.join('/') }
}
