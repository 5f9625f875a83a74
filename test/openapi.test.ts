/** OpenAPI documents: whole in themselves, and named and marked as clients of Kubernetes expect. */
import { describe, expect, test } from 'vitest'
import type { OpenApiSchema } from '#api/openapi/definitions.ts'
import { groupDocument, openapiDocument, rootDocument } from '#api/openapi/document.ts'
import type { Operation } from '#api/openapi/operations.ts'
import { swaggerDocument } from '#api/openapi/swagger.ts'
import { kinds } from '#api/registry.ts'
import { factFiles } from './completeness/upstream-types.ts'

const groupVersions = [
  ...new Map(
    kinds
      .filter((kind) => kind.plural)
      .map(({ group, version }) => [`${group}/${version}`, { group, version }]),
  ).values(),
]

const documents = new Map(
  groupVersions.map(({ group, version }) => {
    const own = kinds.filter((kind) => kind.group === group && kind.version === version)
    const document = openapiDocument({ group, version, kinds: own, groupVersions })
    return [group ? `${group}/${version}` : version, document]
  }),
)

const core = documents.get('v1')!
const apps = documents.get('apps/v1')!

function schemaOf(document: typeof core, name: string): OpenApiSchema {
  const schema = document.components.schemas[name]
  if (!schema) throw new Error(`no such schema: ${name}`)
  return schema
}

function property(document: typeof core, name: string, field: string): OpenApiSchema {
  const properties = schemaOf(document, name).properties as Record<string, OpenApiSchema>
  return properties[field]!
}

/** Without the words, which are ours. */
function shape({ description: _, ...rest }: OpenApiSchema): OpenApiSchema {
  return rest
}

describe.for([...documents])('%s', ([, document]) => {
  test('every reference leads to a definition', () => {
    const missing = references(document).filter((name) => !document.components.schemas[name])
    expect(missing).toEqual([])
  })

  test('every operation has a name of its own', () => {
    const ids = operationsOf(document).map(([, { operationId }]) => operationId)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('every parameter of a path is declared', () => {
    for (const [path, item] of Object.entries(document.paths)) {
      const named = (item.parameters ?? []).filter((each) => each.in === 'path')
      const wanted = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      expect(named.map(({ name }) => name).sort()).toEqual(wanted.sort())
    }
  })
})

function references(value: unknown): string[] {
  return [...JSON.stringify(value).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(
    ([, name]) => name!,
  )
}

function operationsOf({ paths }: typeof core): [string, Operation][] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([method, operation]): [string, Operation][] =>
      method === 'parameters' ? [] : [[`${method} ${path}`, operation as Operation]],
    ),
  )
}

describe('definitions', () => {
  const deploymentSpec = 'io.k8s.api.apps.v1.DeploymentSpec'
  const podSpec = 'io.k8s.api.core.v1.PodSpec'
  const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'
  const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })

  test.for<[field: string, model: string, expected: OpenApiSchema]>([
    ['replicas', deploymentSpec, { type: 'integer', format: 'int32', default: 1 }],
    [
      'selector',
      deploymentSpec,
      { allOf: [ref('io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector')] },
    ],
    [
      'template',
      deploymentSpec,
      { allOf: [ref('io.k8s.api.core.v1.PodTemplateSpec')], default: {} },
    ],
    [
      'strategy',
      deploymentSpec,
      {
        allOf: [ref('io.k8s.api.apps.v1.DeploymentStrategy')],
        default: {},
        'x-kubernetes-patch-strategy': 'retainKeys',
      },
    ],
    [
      'containers',
      podSpec,
      {
        type: 'array',
        items: { allOf: [ref('io.k8s.api.core.v1.Container')], default: {} },
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
        'x-kubernetes-patch-merge-key': 'name',
        'x-kubernetes-patch-strategy': 'merge',
      },
    ],
    [
      'nodeSelector',
      podSpec,
      {
        type: 'object',
        additionalProperties: { type: 'string', default: '' },
        'x-kubernetes-map-type': 'atomic',
      },
    ],
    [
      'creationTimestamp',
      objectMeta,
      { allOf: [ref('io.k8s.apimachinery.pkg.apis.meta.v1.Time')] },
    ],
    [
      'finalizers',
      objectMeta,
      {
        type: 'array',
        items: { type: 'string', default: '' },
        'x-kubernetes-list-type': 'set',
        'x-kubernetes-patch-strategy': 'merge',
      },
    ],
    [
      'fieldsV1',
      'io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry',
      { allOf: [ref('io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1')] },
    ],
  ])('%s of %s', ([field, model, expected]) => {
    const actual = shape(property(apps, model, field))
    if (!('default' in expected)) delete (actual as { default?: unknown }).default
    expect(actual).toEqual(expected)
  })

  test('required fields are those that upstream requires', () => {
    expect(schemaOf(apps, deploymentSpec).required).toEqual(['selector', 'template'])
    expect(schemaOf(core, podSpec).required).toEqual(['containers'])
    expect(schemaOf(apps, objectMeta).required).toBeUndefined()
  })

  test('a kind says which it is', () => {
    expect(
      schemaOf(apps, 'io.k8s.api.apps.v1.Deployment')['x-kubernetes-group-version-kind'],
    ).toEqual([{ group: 'apps', version: 'v1', kind: 'Deployment' }])
    expect(
      schemaOf(apps, 'io.k8s.api.apps.v1.DeploymentList')['x-kubernetes-group-version-kind'],
    ).toEqual([{ group: 'apps', version: 'v1', kind: 'DeploymentList' }])
  })

  test('a reference to an object is replaced as a whole', () => {
    const schema = schemaOf(core, 'io.k8s.api.core.v1.ObjectReference')
    expect(schema['x-kubernetes-map-type']).toBe('atomic')
  })

  test('unions name their members', () => {
    const schema = schemaOf(core, 'io.k8s.api.core.v1.SeccompProfile')
    expect(schema['x-kubernetes-unions']).toEqual([
      {
        discriminator: 'type',
        'fields-to-discriminateBy': { localhostProfile: 'LocalhostProfile' },
      },
    ])
  })

  test('every model has the name that upstream gives it', () => {
    const known = new Set<string>()
    for (const { modelPrefix, types } of factFiles.values()) {
      for (const name of Object.keys(types)) known.add(`${modelPrefix}.${name}`)
    }
    const special = /\.(Quantity|IntOrString|RawExtension|Patch)$/
    const models = [...documents.values()].flatMap((each) => Object.keys(each.components.schemas))
    expect(models.filter((name) => !known.has(name) && !special.test(name))).toEqual([])
  })
})

describe('operations', () => {
  const find = (document: typeof core, method: string, path: string): Operation => {
    const operation = document.paths[path]?.[method] as Operation | undefined
    if (!operation) throw new Error(`no such operation: ${method} ${path}`)
    return operation
  }
  const deployments = '/apis/apps/v1/namespaces/{namespace}/deployments'
  const pods = '/api/v1/namespaces/{namespace}/pods'

  test.for<[method: string, path: string, id: string, action: string | undefined]>([
    ['get', deployments, 'listAppsV1NamespacedDeployment', 'list'],
    ['post', deployments, 'createAppsV1NamespacedDeployment', 'post'],
    ['delete', deployments, 'deleteAppsV1CollectionNamespacedDeployment', 'deletecollection'],
    ['get', `${deployments}/{name}`, 'readAppsV1NamespacedDeployment', 'get'],
    ['put', `${deployments}/{name}`, 'replaceAppsV1NamespacedDeployment', 'put'],
    ['patch', `${deployments}/{name}`, 'patchAppsV1NamespacedDeployment', 'patch'],
    ['delete', `${deployments}/{name}`, 'deleteAppsV1NamespacedDeployment', 'delete'],
    ['get', `${deployments}/{name}/scale`, 'readAppsV1NamespacedDeploymentScale', 'get'],
    ['put', `${deployments}/{name}/status`, 'replaceAppsV1NamespacedDeploymentStatus', 'put'],
    ['get', '/apis/apps/v1/deployments', 'listAppsV1DeploymentForAllNamespaces', 'list'],
    ['get', '/apis/apps/v1/', 'getAppsV1APIResources', undefined],
  ])('%s %s', ([method, path, id, action]) => {
    const operation = find(apps, method, path)
    expect(operation.operationId).toBe(id)
    expect(operation['x-kubernetes-action']).toBe(action)
    expect(operation.tags).toEqual(['apps_v1'])
  })

  test.for<[method: string, path: string, id: string, kind: string]>([
    ['get', `${pods}/{name}/exec`, 'connectCoreV1GetNamespacedPodExec', 'PodExecOptions'],
    ['post', `${pods}/{name}/exec`, 'connectCoreV1PostNamespacedPodExec', 'PodExecOptions'],
    [
      'put',
      `${pods}/{name}/proxy/{path}`,
      'connectCoreV1PutNamespacedPodProxyWithPath',
      'PodProxyOptions',
    ],
    ['get', `${pods}/{name}/log`, 'readCoreV1NamespacedPodLog', 'Pod'],
    ['post', `${pods}/{name}/eviction`, 'createCoreV1NamespacedPodEviction', 'Eviction'],
    [
      'post',
      '/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token',
      'createCoreV1NamespacedServiceAccountToken',
      'TokenRequest',
    ],
    ['put', '/api/v1/namespaces/{name}/finalize', 'replaceCoreV1NamespaceFinalize', 'Namespace'],
    ['get', '/api/v1/nodes/{name}', 'readCoreV1Node', 'Node'],
  ])('%s %s', ([method, path, id, kind]) => {
    const operation = find(core, method, path)
    expect(operation.operationId).toBe(id)
    expect(operation['x-kubernetes-group-version-kind']?.kind).toBe(kind)
  })

  test('writes take fieldValidation, which tells kubectl that the server validates', () => {
    const names = (method: string, path: string) =>
      find(apps, method, path).parameters?.map(({ name }) => name)
    expect(names('post', deployments)).toEqual(['dryRun', 'fieldManager', 'fieldValidation'])
    expect(names('put', `${deployments}/{name}`)).toContain('fieldValidation')
    expect(names('patch', `${deployments}/{name}`)).toEqual([
      'dryRun',
      'fieldManager',
      'fieldValidation',
      'force',
    ])
  })

  test('options of streams are parameters', () => {
    const { parameters } = find(core, 'get', `${pods}/{name}/exec`)
    expect(parameters?.map(({ name, schema }) => `${name} ${schema.type}`)).toEqual([
      'stdin boolean',
      'stdout boolean',
      'stderr boolean',
      'tty boolean',
      'container string',
      'command string',
    ])
  })

  test('lists of groups and versions have documents too', () => {
    expect(Object.keys(rootDocument('/apis').paths)).toEqual(['/apis/'])
    expect(rootDocument('/api').paths['/api/']?.get).toMatchObject({
      operationId: 'getCoreAPIVersions',
    })
    expect(groupDocument('rbac.authorization.k8s.io').paths).toMatchObject({
      '/apis/rbac.authorization.k8s.io/': {
        get: { operationId: 'getRbacAuthorizationAPIGroup', tags: ['rbacAuthorization'] },
      },
    })
  })
})

describe('OpenAPI v2', () => {
  const swagger = swaggerDocument([...documents.values()])

  test('every reference leads to a definition', () => {
    const found = [...JSON.stringify(swagger).matchAll(/"\$ref":"([^"]+)"/g)].map(
      ([, name]) => name,
    )
    const missing = found.filter(
      (name) => !swagger.definitions[name!.replace('#/definitions/', '')],
    )
    expect(missing).toEqual([])
  })

  test('nothing is left that only OpenAPI v3 knows', () => {
    // Properties may have any name, so only what stands outside of `properties` counts.
    const keywords = new Set(Object.values(swagger.definitions).flatMap(keywordsOf))
    for (const keyword of ['oneOf', 'allOf', 'default', 'nullable']) {
      expect(keywords).not.toContain(keyword)
    }
    expect(JSON.stringify(swagger.paths)).not.toContain('"requestBody"')
  })

  function keywordsOf(schema: unknown): string[] {
    if (typeof schema !== 'object' || schema === null) return []
    return Object.entries(schema).flatMap(([keyword, value]) =>
      keyword === 'properties'
        ? Object.values(value).flatMap(keywordsOf)
        : [keyword, ...keywordsOf(value)],
    )
  }

  test('the body is a parameter', () => {
    const path = swagger.paths['/api/v1/namespaces'] as { post: { parameters: object[] } }
    expect(path.post).toMatchObject({ consumes: ['*/*'], schemes: ['https'] })
    expect(path.post.parameters.at(-1)).toEqual({
      in: 'body',
      name: 'body',
      required: true,
      schema: { $ref: '#/definitions/io.k8s.api.core.v1.Namespace' },
    })
  })

  test('a merge key stands beside the items', () => {
    const { properties } = swagger.definitions['io.k8s.api.core.v1.PodSpec'] as {
      properties: Record<string, object>
    }
    expect(properties.containers).toMatchObject({
      items: { $ref: '#/definitions/io.k8s.api.core.v1.Container' },
      'x-kubernetes-patch-merge-key': 'name',
    })
  })
})
