/** Ingress classes: how one names the object that holds its parameters. */
import type { IngressClassParametersReference } from '../kinds/networking/ingress-class.ts'
import { isDnsLabel, isDnsSubdomain, isPathSegmentName } from '../names.ts'
import type { Path, Problems } from '../problems.ts'

const scopes = ['Cluster', 'Namespace']

export function validateParameters(
  { apiGroup, kind, name, scope, namespace }: IngressClassParametersReference,
  at: Path,
  problems: Problems,
): void {
  if (apiGroup !== undefined) {
    for (const each of isDnsSubdomain(apiGroup)) {
      problems.invalid(at.child('apiGroup'), apiGroup, each)
    }
  }
  for (const [field, text] of Object.entries({ kind, name })) {
    if (!text) problems.required(at.child(field))
    else for (const each of isPathSegmentName(text)) problems.invalid(at.child(field), text, each)
  }
  const namespaceAt = at.child('namespace')
  if (scope === null) problems.required(at.child('scope'))
  else if (!scopes.includes(scope)) problems.notSupported(at.child('scope'), scope, scopes)
  else if (scope === 'Namespace' && namespace === undefined) {
    problems.required(namespaceAt, "`parameters.scope` is set to 'Namespace'")
  } else if (scope === 'Namespace' && namespace !== undefined) {
    for (const each of isDnsLabel(namespace)) problems.invalid(namespaceAt, namespace, each)
  } else if (namespace !== undefined) {
    problems.forbidden(namespaceAt, "`parameters.scope` is set to 'Cluster'")
  }
}
