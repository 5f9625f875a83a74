/** What tables show about services. */
import { formatLabels } from '../label-selector.ts'
import { ageColumn, column, nameColumn } from '../table.ts'
import type { ServiceSpec } from './service-facts.ts'

interface Facts {
  readonly spec: ServiceSpec
  readonly status: {
    readonly loadBalancer: {
      readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[]
    }
  }
}

export const serviceColumns = [
  nameColumn,
  column('Type', 'string', 'How it is reached.', typeCell),
  column('Cluster-IP', 'string', 'Its address in the cluster.', clusterIpCell),
  column('External-IP', 'string', 'Its addresses outside.', externalIpCell),
  column('Port(s)', 'string', 'Its ports, with those at nodes.', portsCell),
  ageColumn,
  column('Selector', 'string', 'Labels of the pods behind it.', selectorCell, { priority: 1 }),
]

function typeCell({ spec }: Facts): string {
  return spec.type
}

function clusterIpCell({ spec }: Facts): string {
  return spec.clusterIP || '<none>'
}

function externalIpCell({ spec, status }: Facts): string {
  const { externalIPs = [] } = spec
  switch (spec.type) {
    case 'ClusterIP':
    case 'NodePort':
      return externalIPs.join(',') || '<none>'
    case 'LoadBalancer': {
      const ingress = status.loadBalancer.ingress ?? []
      const points = new Set(ingress.map(({ ip, hostname }) => ip || hostname || ''))
      points.delete('')
      return [...[...points].sort(), ...externalIPs].join(',') || '<pending>'
    }
    case 'ExternalName':
      return spec.externalName ?? ''
    default:
      return '<unknown>'
  }
}

function portsCell({ spec: { ports = [] } }: Facts): string {
  const texts = ports.map(({ port, nodePort, protocol }) =>
    nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`,
  )
  return texts.join(',') || '<none>'
}

function selectorCell({ spec }: Facts): string {
  return formatLabels(spec.selector) || '<none>'
}
