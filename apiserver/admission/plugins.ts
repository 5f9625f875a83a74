/** Every admission plugin, in the order in which they are asked. */
import type { AdmissionContext, AdmissionPlugin } from './admission.ts'
import { certificateApproval } from './certificate-approval.ts'
import { certificateSigning } from './certificate-signing.ts'
import { certificateSubjectRestriction } from './certificate-subject-restriction.ts'
import { defaultIngressClass } from './default-ingress-class.ts'
import { defaultStorageClass } from './default-storage-class.ts'
import { defaultTolerationSeconds } from './default-toleration-seconds.ts'
import { limitRanger } from './limit-ranger.ts'
import { namespaceLifecycle } from './namespace-lifecycle.ts'
import { nodeRestriction } from './node-restriction.ts'
import { ownerReferencesPermissionEnforcement } from './owner-references-permission-enforcement.ts'
import { persistentVolumeClaimResize } from './persistent-volume-claim-resize.ts'
import { podSecurity } from './pod-security.ts'
import { podTopologyLabels } from './pod-topology-labels.ts'
import { priority } from './priority.ts'
import { resourceQuota } from './resource-quota.ts'
import { runtimeClass } from './runtime-class.ts'
import { serviceAccount } from './service-account.ts'
import { storageObjectInUseProtection } from './storage-object-in-use-protection.ts'
import { taintNodesByCondition } from './taint-nodes-by-condition.ts'

interface Choice {
  readonly name: string
  readonly isOffByDefault?: true
  readonly create: (context: AdmissionContext) => AdmissionPlugin
}

/** New ones go before ResourceQuota, which charges for what nobody else refuses. */
const choices: readonly Choice[] = [
  { name: 'NamespaceLifecycle', create: namespaceLifecycle },
  { name: 'LimitRanger', create: limitRanger },
  { name: 'ServiceAccount', create: serviceAccount },
  { name: 'NodeRestriction', create: nodeRestriction },
  { name: 'TaintNodesByCondition', create: taintNodesByCondition },
  { name: 'PodSecurity', create: podSecurity },
  { name: 'Priority', create: priority },
  { name: 'DefaultTolerationSeconds', create: defaultTolerationSeconds },
  { name: 'DefaultStorageClass', create: defaultStorageClass },
  { name: 'StorageObjectInUseProtection', create: storageObjectInUseProtection },
  {
    name: 'OwnerReferencesPermissionEnforcement',
    isOffByDefault: true,
    create: ownerReferencesPermissionEnforcement,
  },
  { name: 'PersistentVolumeClaimResize', create: persistentVolumeClaimResize },
  { name: 'RuntimeClass', create: runtimeClass },
  { name: 'CertificateApproval', create: certificateApproval },
  { name: 'CertificateSigning', create: certificateSigning },
  { name: 'CertificateSubjectRestriction', create: certificateSubjectRestriction },
  { name: 'DefaultIngressClass', create: defaultIngressClass },
  { name: 'PodTopologyLabels', create: podTopologyLabels },
  { name: 'ResourceQuota', create: resourceQuota },
]

export const pluginNames: readonly string[] = choices.map(({ name }) => name)

export const defaultPluginNames: readonly string[] = choices.flatMap(({ name, isOffByDefault }) =>
  isOffByDefault ? [] : name,
)

/** Departures from the default. */
export interface PluginSwitches {
  readonly enable?: readonly string[]
  readonly disable?: readonly string[]
}

/** Throws when a name is not that of a plugin, or stands on both sides. */
export function createPlugins(
  context: AdmissionContext,
  { enable = [], disable = [] }: PluginSwitches,
): AdmissionPlugin[] {
  for (const name of [...enable, ...disable]) {
    if (pluginNames.includes(name)) continue
    throw new Error(
      `choose admission plugins: "${name}" is unknown, there are ${pluginNames.join(', ')}`,
    )
  }
  const both = enable.find((name) => disable.includes(name))
  if (both) throw new Error(`choose admission plugins: "${both}" is both enabled and disabled`)
  return choices
    .filter(({ name, isOffByDefault }) =>
      isOffByDefault ? enable.includes(name) : !disable.includes(name),
    )
    .map(({ create }) => create(context))
}
