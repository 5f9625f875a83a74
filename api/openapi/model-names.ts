/** The names under which schemas are published: those that upstream's OpenAPI documents use. */

/** Packages that do not live below `io.k8s.api`. */
const elsewhere: Readonly<Record<string, string>> = {
  meta: 'io.k8s.apimachinery.pkg.apis.meta',
  apiextensions: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions',
  apiregistration: 'io.k8s.kube-aggregator.pkg.apis.apiregistration',
  metrics: 'io.k8s.metrics.pkg.apis.metrics',
}

/** `io.k8s.api.apps.v1.Deployment` for `apps.v1.Deployment`; longer names are full already. */
export function modelName(schemaName: string): string {
  const parts = schemaName.split('.')
  if (parts.length !== 3) return schemaName
  const [group = '', version, name] = parts
  return `${elsewhere[group] ?? `io.k8s.api.${group}`}.${version}.${name}`
}

/** The model of a custom resource: its group backwards, as Java names packages. */
export function customModelName(group: string, version: string, kind: string): string {
  return `${group.split('.').reverse().join('.')}.${version}.${kind}`
}
