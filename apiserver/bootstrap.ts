/** What every cluster has from its first start on, made again at each start when it is missing. */
import { decode } from '#api/decode.ts'
import { isReason } from '#api/status.ts'
import type { ResourceContext, ServerParts } from './request-context.ts'
import type { Resource } from './resources.ts'
import type { ApiObject } from './stored-object.ts'
import { createObject } from './verbs/create.ts'

/** The server itself, when it acts on objects. */
const self = { name: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] }

const namespaces = ['kube-system', 'kube-public', 'kube-node-lease', 'default']

export async function bootstrap(parts: ServerParts): Promise<void> {
  for (const name of namespaces) {
    await ensure(parts, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  }
}

interface Wanted {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
}

/** Creates an object that is not there; what users made of it since is left alone. */
export async function ensure(parts: ServerParts, wanted: Wanted): Promise<void> {
  const resource = resourceFor(parts, wanted)
  const { name, namespace = '' } = wanted.metadata
  if (parts.store.get(resource.keyOf(namespace, name))) return
  const object = decode(resource.kind.schema, wanted) as unknown as ApiObject
  object.kind = wanted.kind
  object.apiVersion = wanted.apiVersion
  const parameters = {
    dryRun: false,
    fieldManager: 'kube-apiserver',
    fieldValidation: 'Strict',
    force: false,
  } as const
  try {
    await createObject(selfContext(resource, namespace), parts, resource, object, parameters)
  } catch (error) {
    if (!isReason(error, 'AlreadyExists')) throw error
  }
}

function resourceFor({ resources }: ServerParts, { apiVersion, kind }: Wanted): Resource {
  for (const resource of resources.all()) {
    if (resource.kind.kind === kind && resource.kind.apiVersion === apiVersion) return resource
  }
  throw new Error(`bootstrap: no resource is served for "${apiVersion}, Kind=${kind}"`)
}

function selfContext(resource: Resource, namespace: string): ResourceContext {
  const { group, version, plural } = resource
  return {
    info: {
      isResource: true,
      verb: 'create',
      group,
      version,
      resource: plural,
      subresource: '',
      namespace,
      name: '',
      rest: '',
      path: '',
      query: new URLSearchParams(),
    },
    method: 'POST',
    headers: {},
    body: Buffer.alloc(0),
    user: self,
    signal: new AbortController().signal,
    warnings: [],
  }
}
