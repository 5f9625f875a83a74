/** Variables that tell containers where Services are: names that Docker links once had. */
import type { Service } from '#api/kinds/core/service.ts'

/** In the default namespace: where the API server is, which every pod is told. */
const MASTER_SERVICE = 'kubernetes'
const MASTER_NAMESPACE = 'default'

/** `hasLinks`: the pod wants to hear of all Services of its namespace. */
export function serviceVariables(
  services: readonly Service[],
  namespace: string,
  hasLinks: boolean,
): ReadonlyMap<string, string> {
  const byName = new Map<string, Service>()
  for (const service of services) {
    const { name, namespace: place } = service.metadata
    if (!hasAddress(service)) continue
    if (place === MASTER_NAMESPACE && name === MASTER_SERVICE) {
      if (!byName.has(name)) byName.set(name, service)
    } else if (place === namespace && hasLinks) byName.set(name, service)
  }
  const variables = new Map<string, string>()
  for (const service of byName.values()) addService(variables, service)
  return variables
}

const hasAddress = ({ spec }: Service): boolean =>
  spec.clusterIP !== undefined && spec.clusterIP !== '' && spec.clusterIP !== 'None'

const variableName = (text: string): string => text.toUpperCase().replaceAll('-', '_')

function addService(variables: Map<string, string>, { metadata, spec }: Service): void {
  const prefix = variableName(metadata.name)
  const host = spec.clusterIP!
  const ports = spec.ports ?? []
  variables.set(`${prefix}_SERVICE_HOST`, host)
  ports.forEach(({ name, port }, at) => {
    if (at === 0) variables.set(`${prefix}_SERVICE_PORT`, String(port))
    if (name) variables.set(`${prefix}_SERVICE_PORT_${variableName(name)}`, String(port))
  })
  ports.forEach(({ port, protocol = 'TCP' }, at) => {
    const lower = protocol.toLowerCase()
    const link = `${lower}://${bracketed(host)}:${port}`
    const each = `${prefix}_PORT_${port}_${protocol.toUpperCase()}`
    if (at === 0) variables.set(`${prefix}_PORT`, link)
    variables.set(each, link)
    variables.set(`${each}_PROTO`, lower)
    variables.set(`${each}_PORT`, String(port))
    variables.set(`${each}_ADDR`, host)
  })
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host)
