/** NamespaceLifecycle: nothing is made in a namespace that does not exist, or is going. */
import type { Namespace } from '#api/kinds/core/namespace.ts'
import { forbidden, notFound, StatusError } from '#api/status.ts'
import {
  type AdmissionContext,
  type AdmissionPlugin,
  type Attributes,
  isAbout,
} from './admission.ts'
import { refused } from './refusals.ts'

/** The cluster does not work without these. */
const immortal = new Set(['default', 'kube-system', 'kube-public'])

const namespaces = { group: '', plural: 'namespaces' }

export function namespaceLifecycle({ cache }: AdmissionContext): AdmissionPlugin {
  const known = cache.of<Namespace>('namespaces')
  return {
    name: 'NamespaceLifecycle',
    handles: (attributes) =>
      attributes.operation !== 'CONNECT' &&
      (attributes.namespace !== '' || isAbout(attributes, 'namespaces')) &&
      // Whether a namespace exists is not for everybody to know.
      !isAbout(attributes, 'localsubjectaccessreviews', 'authorization.k8s.io'),
    mutate(attributes) {
      const { operation, namespace, name } = attributes
      if (isAbout(attributes, 'namespaces')) {
        if (operation === 'DELETE' && immortal.has(name)) {
          throw forbidden(namespaces, name, 'this namespace may not be deleted')
        }
        return
      }
      if (operation === 'DELETE') return
      const found = known.get('', namespace)
      if (!found) throw notFound(namespaces, namespace)
      if (operation === 'CREATE' && found.status.phase === 'Terminating') {
        throw terminating(attributes)
      }
    },
  }
}

function terminating(attributes: Attributes): StatusError {
  const { namespace } = attributes
  const { message, details } = refused(
    attributes,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
  )
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${namespace} is being terminated`,
    field: 'metadata.namespace',
  }
  return new StatusError('Forbidden', message, { ...details, causes: [cause] })
}
