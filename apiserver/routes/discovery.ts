/** Answers discovery: what groups, versions and resources there are. */
import { APIGroupDiscoveryList } from '#api/kinds/apidiscovery/api-group-discovery-list.ts'
import { APIGroup } from '#api/kinds/meta/api-group.ts'
import { APIGroupList } from '#api/kinds/meta/api-group-list.ts'
import { APIResourceList } from '#api/kinds/meta/api-resource-list.ts'
import { APIVersions } from '#api/kinds/meta/api-versions.ts'
import { methodNotAllowed } from '#api/status.ts'
import { notServed } from '../not-served.ts'
import type { RequestContext, ServerParts } from '../request-context.ts'
import type { ResourceTable } from '../resources.ts'
import { PAGE_NOT_FOUND, plainText, type Result } from '../result.ts'
import { acceptedTypes, covers, json, protobuf } from '../wire/media-types.ts'
import { isPretty } from '../wire/representation.ts'
import { apiGroupDiscoveryList } from './aggregated-discovery.ts'
import { Document, isKnown, notModified } from './document.ts'
import { fromTable } from './from-table.ts'
import {
  apiGroup,
  apiGroupList,
  apiResourceList,
  apiVersions,
  type ServedVersion,
  servedVersions,
} from './legacy-discovery.ts'

/** The versions of the aggregated document, whose content is the same. */
const aggregatedVersions = ['v2', 'v2beta1']
type Scope = 'core' | 'named'

interface Discovery {
  readonly served: readonly ServedVersion[]
  readonly builtInGroups: ReadonlySet<string>
  /** By path, such as `/apis`, `/apis/apps` and `/apis/apps/v1`. */
  readonly documents: ReadonlyMap<string, Document>
  /** By version and scope. */
  readonly aggregated: ReadonlyMap<string, Document>
}

const discoveryOf = fromTable((table): Discovery => {
  const served = servedVersions(table.all())
  const documents = new Map([['/apis', new Document(apiGroupList(served), APIGroupList.schema)]])
  const groups = Map.groupBy(served, ({ group }) => group)
  for (const [group, versions] of groups) {
    const root = group ? `/apis/${group}` : '/api'
    if (group) {
      const object = { kind: 'APIGroup', apiVersion: 'v1', ...apiGroup(versions) }
      documents.set(root, new Document(object, APIGroup.schema))
    }
    for (const each of versions) {
      const document = new Document(apiResourceList(each), APIResourceList.schema)
      documents.set(`${root}/${each.version}`, document)
    }
  }
  const builtIn = served.filter(({ resources }) => resources.some(({ isCustom }) => !isCustom))
  const builtInGroups = new Set(builtIn.map(({ group }) => group))
  return { served, builtInGroups, documents, aggregated: aggregatedDocuments(served) }
})

function aggregatedDocuments(served: readonly ServedVersion[]): Map<string, Document> {
  const documents = new Map<string, Document>()
  for (const version of aggregatedVersions) {
    for (const scope of ['core', 'named'] as const) {
      const list = apiGroupDiscoveryList(served, scope, version)
      documents.set(version + scope, new Document(list, APIGroupDiscoveryList.schema))
    }
  }
  return documents
}

/** `/api` and everything below it that is not a resource. */
export function coreDiscovery(context: RequestContext, { resources }: ServerParts): Result {
  const path = withoutSlash(context.info.path)
  if (path !== '/api') return documentAt(context, resources, path)
  readOnly(context)
  const discovery = discoveryOf(resources)
  const address = context.headers.host ?? ''
  return (
    aggregatedAnswer(context, discovery, 'core') ??
    new Document(apiVersions(discovery.served, address), APIVersions.schema).answer(context)
  )
}

/** `/apis` and everything below it that is not a resource. */
export function groupDiscovery(context: RequestContext, { resources }: ServerParts): Result {
  const path = withoutSlash(context.info.path)
  if (path !== '/apis') return documentAt(context, resources, path)
  const discovery = discoveryOf(resources)
  return aggregatedAnswer(context, discovery, 'named') ?? documentAt(context, resources, path, true)
}

function documentAt(
  context: RequestContext,
  resources: ResourceTable,
  path: string,
  anyMethod = false,
): Result {
  const { documents, builtInGroups } = discoveryOf(resources)
  const document = documents.get(path)
  if (document) {
    if (!anyMethod) readOnly(context)
    return document.answer(context)
  }
  if (!methods.has(context.method)) throw methodNotAllowed()
  // Whoever serves a group answers for what it has not; for other groups nobody does, and
  // definitions of custom resources do not serve a group as a whole.
  const [, , group = ''] = path.split('/')
  if (path.startsWith('/api/') || builtInGroups.has(group)) throw notServed()
  return plainText(404, PAGE_NOT_FOUND)
}

/** Undefined when the caller would rather have, or only knows, the older form. */
function aggregatedAnswer(
  context: RequestContext,
  { aggregated }: Discovery,
  scope: Scope,
): Result | undefined {
  for (const accepted of acceptedTypes(context.headers.accept)) {
    const { parameters } = accepted
    const wanted = parameters.get('as')
    const mediaType = ([json, protobuf] as const).find((each) => covers(accepted, each))
    if (wanted === undefined) return undefined
    const version = parameters.get('v') ?? ''
    const document = aggregated.get(version + scope)
    const isOurs = wanted === 'APIGroupDiscoveryList' && parameters.get('g') === GROUP
    if (!document || !isOurs || !mediaType) continue
    const headers = { etag: document.etag, vary: 'Accept', 'cache-control': 'public' }
    if (isKnown(context, document.etag)) return notModified(headers)
    return document.answerIn(
      context,
      { mediaType, pretty: isPretty(context) },
      {
        'content-type': `${mediaType};g=${GROUP};v=${version};as=${wanted}`,
        ...headers,
      },
    )
  }
  return undefined
}

const GROUP = 'apidiscovery.k8s.io'

/** Those that mean something to a resource; where there is none, others are not even 404. */
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])

function readOnly({ method }: RequestContext): void {
  if (method !== 'GET' && method !== 'HEAD') throw methodNotAllowed()
}

const withoutSlash = (path: string): string => (path.endsWith('/') ? path.slice(0, -1) : path)

/** Every path that discovery answers. */
export const discoveryPaths = (resources: ResourceTable): string[] => [
  '/api',
  ...discoveryOf(resources).documents.keys(),
]

export const servedOf = (resources: ResourceTable): readonly ServedVersion[] =>
  discoveryOf(resources).served
