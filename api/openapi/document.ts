/** OpenAPI v3 documents, one for each group and version, from kinds alone. */
import type { Kind } from '../kind.ts'
import { APIGroup } from '../kinds/meta/api-group.ts'
import { APIGroupList } from '../kinds/meta/api-group-list.ts'
import { APIResourceList } from '../kinds/meta/api-resource-list.ts'
import { APIVersions } from '../kinds/meta/api-versions.ts'
import { DeleteOptions } from '../kinds/meta/delete-options.ts'
import { Status } from '../kinds/meta/status.ts'
import { kindOf } from '../registry.ts'
import {
  DefinitionCollector,
  type Definitions,
  type GroupVersionKind,
  reference,
} from './definitions.ts'
import { responses } from './media-types.ts'
import { modelName } from './model-names.ts'
import { capitalised, groupTag, type PathItem, ResourceOperations } from './operations.ts'

export interface OpenApiDocument {
  readonly openapi: '3.0.0'
  readonly info: { readonly title: string; readonly version: string }
  readonly paths: { readonly [path: string]: PathItem }
  readonly components: {
    readonly schemas: Definitions
    readonly securitySchemes: object
  }
  readonly security: readonly object[]
}

export interface DocumentOptions {
  readonly group: string
  readonly version: string
  /** The kinds of this group and version; those without a resource are left out. */
  readonly kinds: readonly Kind[]
  /** Every group and version that is served, each of which has DeleteOptions of its own. */
  readonly groupVersions?: readonly { readonly group: string; readonly version: string }[]
  /** Version of the server, such as `v1.36.0`. */
  readonly serverVersion?: string
}

/** `/api/v1` or `/apis/apps/v1`. */
function groupVersionPath(group: string, version: string): string {
  return group ? `/apis/${group}/${version}` : `/api/${version}`
}

export function openapiDocument(options: DocumentOptions): OpenApiDocument {
  const { group, version, kinds, groupVersions = [], serverVersion } = options
  const root = groupVersionPath(group, version)
  const resources = kinds.filter((kind) => kind.plural)
  const paths = Object.assign(
    { [`${root}/`]: resourcesPath(group, version) },
    ...resources.map((kind) => new ResourceOperations(kind, kindOf).paths(root)),
  ) as Record<string, PathItem>
  const collector = new DefinitionCollector()
  for (const kind of resources) collector.addResource(kind)
  for (const kind of resources.flatMap(subresourceKinds)) collector.addResource(kind)
  addShared(collector, groupVersions)
  return documentOf(paths, collector.collect(), serverVersion)
}

/** The document of `/api` or `/apis`, which lists what there is. */
export function rootDocument(root: '/api' | '/apis', serverVersion?: string): OpenApiDocument {
  const kind = root === '/api' ? APIVersions : APIGroupList
  const id = root === '/api' ? 'getCoreAPIVersions' : 'getAPIVersions'
  return plainDocument(`${root}/`, kind as unknown as Kind, serverVersion, {
    description: 'get available API versions',
    operationId: id,
    tags: [root === '/api' ? 'core' : 'apis'],
  })
}

/** The document of a group such as `/apis/apps`. */
export function groupDocument(group: string, serverVersion?: string): OpenApiDocument {
  const tag = groupTag(group)
  return plainDocument(`/apis/${group}/`, APIGroup as unknown as Kind, serverVersion, {
    description: 'get information of a group',
    operationId: `get${capitalised(tag)}APIGroup`,
    tags: [tag],
  })
}

function plainDocument(
  path: string,
  kind: Kind,
  serverVersion: string | undefined,
  naming: { description: string; operationId: string; tags: string[] },
): OpenApiDocument {
  const collector = new DefinitionCollector()
  collector.addKind(kind.schema, { group: '', version: 'v1', kind: kind.kind })
  const answer = responses([200], reference(modelName(kind.schema.name)))
  const item: PathItem = { get: { ...naming, responses: answer } }
  return documentOf({ [path]: item }, collector.collect(), serverVersion)
}

function documentOf(
  paths: Record<string, PathItem>,
  schemas: Definitions,
  version = 'unversioned',
): OpenApiDocument {
  const sorted = Object.entries(paths).sort(([one], [other]) => (one < other ? -1 : 1))
  const BearerToken = {
    type: 'apiKey',
    in: 'header',
    name: 'authorization',
    description: 'Bearer token.',
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version },
    paths: Object.fromEntries(sorted),
    components: { schemas, securitySchemes: { BearerToken } },
    security: [{ BearerToken: [] }],
  }
}

function resourcesPath(group: string, version: string): PathItem {
  const tag = `${groupTag(group)}_${version}`
  const prefix = capitalised(groupTag(group)) + capitalised(version)
  return {
    get: {
      description: 'get available resources',
      operationId: `get${prefix}APIResources`,
      tags: [tag],
      responses: responses([200], reference(modelName(APIResourceList.schema.name))),
    },
  }
}

/** The kinds that subresources take in place of the resource's own, options of streams aside. */
function subresourceKinds({ subresources = {} }: Kind): Kind[] {
  return Object.values(subresources).flatMap(({ group, version, kind }) => {
    if (!kind || kind.endsWith('Options')) return []
    const found = kindOf(group ? `${group}/${version}` : version!, kind)
    return found ? [found] : []
  })
}

function addShared(
  collector: DefinitionCollector,
  groupVersions: readonly { readonly group: string; readonly version: string }[],
): void {
  const core: GroupVersionKind = { group: '', version: 'v1', kind: 'DeleteOptions' }
  collector.addKind(DeleteOptions.schema, core)
  for (const { group, version } of groupVersions) {
    if (group !== '') collector.addKind(DeleteOptions.schema, { group, version, kind: core.kind })
  }
  collector.addKind(Status.schema, { ...core, kind: 'Status' })
  collector.addKind(APIResourceList.schema, { ...core, kind: 'APIResourceList' })
  collector.addSimple('io.k8s.apimachinery.pkg.apis.meta.v1.Patch')
}
