/** Requests that the server makes of itself. */
import type { ResourceContext } from './request-context.ts'
import type { RequestVerb } from './request-info.ts'
import type { Resource } from './resources.ts'
import type { WriteParameters } from './write-options.ts'

const self = { name: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] }

/** Its changes apply to whatever version they meet. */
export const selfParameters: WriteParameters = {
  dryRun: false,
  fieldManager: 'kube-apiserver',
  fieldValidation: 'Strict',
  force: false,
  isPatch: true,
}

export function selfContext(
  resource: Resource,
  verb: RequestVerb,
  namespace: string,
  name: string,
  subresource = '',
): ResourceContext {
  const { group, version, plural } = resource
  return {
    info: {
      isResource: true,
      verb,
      group,
      version,
      resource: plural,
      subresource,
      namespace,
      name,
      rest: '',
      path: '',
      query: new URLSearchParams(),
    },
    method: verb === 'create' ? 'POST' : 'PUT',
    headers: {},
    body: Buffer.alloc(0),
    user: self,
    signal: new AbortController().signal,
    warnings: [],
  }
}
