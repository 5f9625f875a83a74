/** What a kubelet may change about its Node: not what decides which pods come to it. */
import { isDeepStrictEqual } from 'node:util'
import type { Node } from '#api/kinds/core/node.ts'
import type { Attributes } from '../admission.ts'
import { refused } from '../refusals.ts'

type Labels = Readonly<Record<string, string>>

export function checkNode(attributes: Attributes, nodeName: string): void {
  const { operation, object, old } = attributes
  const name = attributes.name || (object?.metadata.name ?? '')
  const node = JSON.stringify(nodeName)
  if (name !== nodeName) {
    throw refused(attributes, `node ${node} is not allowed to modify node "${name}"`)
  }
  if (operation === 'CREATE') checkNew(attributes, object as unknown as Node, node)
  if (operation === 'UPDATE') {
    checkChange(attributes, object as unknown as Node, old as unknown as Node, node)
  }
}

function checkNew(attributes: Attributes, { metadata, spec }: Node, node: string): void {
  if (spec.configSource) {
    const what = 'create pods with a non-nil configSource'
    throw refused(attributes, `node ${node} is not allowed to ${what}`)
  }
  const labels = forbiddenLabels(metadata.labels, undefined)
  if (labels.length) {
    const what = `set the following labels: ${labels.join(', ')}`
    throw refused(attributes, `node ${node} is not allowed to ${what}`)
  }
}

function checkChange(attributes: Attributes, next: Node, previous: Node, node: string): void {
  const { configSource, taints } = next.spec
  if (configSource && !isDeepStrictEqual(configSource, previous.spec.configSource)) {
    const what = 'update configSource to a new non-nil configSource'
    throw refused(attributes, `node ${node} is not allowed to ${what}`)
  }
  if (!isDeepStrictEqual(taints ?? [], previous.spec.taints ?? [])) {
    throw refused(attributes, `node ${node} is not allowed to modify taints`)
  }
  const owners = ({ metadata }: Node) => metadata.ownerReferences ?? []
  if (!isDeepStrictEqual(owners(next), owners(previous))) {
    throw refused(attributes, `node ${node} is not allowed to modify ownerReferences`)
  }
  const labels = forbiddenLabels(next.metadata.labels, previous.metadata.labels)
  if (labels.length) {
    throw refused(attributes, `is not allowed to modify labels: ${labels.join(', ')}`)
  }
}

/** Labels in Kubernetes' own domains that kubelets set about themselves. */
const kubeletLabels = new Set([
  'kubernetes.io/hostname',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'node.kubernetes.io/instance-type',
  'beta.kubernetes.io/instance-type',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
])
const kubeletDomains = ['kubelet.kubernetes.io', 'node.kubernetes.io']
const systemDomains = ['kubernetes.io', 'k8s.io']
/** Kept for those who decide where pods may go. */
const restrictedDomains = ['node-restriction.kubernetes.io']

/** Labels that were added, changed or removed, and that are not a kubelet's to decide. */
function forbiddenLabels(next: Labels = {}, previous: Labels = {}): string[] {
  const changed = Object.keys({ ...next, ...previous }).filter((key) => next[key] !== previous[key])
  return changed.filter(isForbidden).sort()
}

function isForbidden(label: string): boolean {
  const domain = label.includes('/') ? label.slice(0, label.indexOf('/')) : ''
  if (isWithin(domain, restrictedDomains)) return true
  const isKubelets = kubeletLabels.has(label) || isWithin(domain, kubeletDomains)
  return isWithin(domain, systemDomains) && !isKubelets
}

const isWithin = (domain: string, domains: readonly string[]): boolean =>
  domains.some((each) => domain === each || domain.endsWith(`.${each}`))
