/** Which kinds count generations, insist on versions, and go in their own way, in one table. */
import { describe, expect, test } from 'vitest'
import type { Kind } from './kind.ts'
import { kinds } from './registry.ts'

const named = (filter: (kind: Kind) => unknown): string[] =>
  kinds
    .filter(filter)
    .map(({ apiVersion, kind }) => `${apiVersion} ${kind}`)
    .sort()

describe('behaviour of kinds', () => {
  test('generations are counted for', () => {
    expect(named(({ generation }) => generation)).toEqual([
      'admissionregistration.k8s.io/v1 MutatingAdmissionPolicy',
      'admissionregistration.k8s.io/v1 MutatingAdmissionPolicyBinding',
      'admissionregistration.k8s.io/v1 MutatingWebhookConfiguration',
      'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy',
      'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding',
      'admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration',
      'apiextensions.k8s.io/v1 CustomResourceDefinition',
      'apps/v1 DaemonSet',
      'apps/v1 Deployment',
      'apps/v1 ReplicaSet',
      'apps/v1 StatefulSet',
      'batch/v1 CronJob',
      'batch/v1 Job',
      'discovery.k8s.io/v1 EndpointSlice',
      'flowcontrol.apiserver.k8s.io/v1 FlowSchema',
      'flowcontrol.apiserver.k8s.io/v1 PriorityLevelConfiguration',
      'networking.k8s.io/v1 Ingress',
      'networking.k8s.io/v1 IngressClass',
      'networking.k8s.io/v1 NetworkPolicy',
      'policy/v1 PodDisruptionBudget',
      'resource.k8s.io/v1 DeviceClass',
      'resource.k8s.io/v1 ResourceSlice',
      'scheduling.k8s.io/v1 PriorityClass',
      'v1 Pod',
      'v1 PodTemplate',
      'v1 ReplicationController',
    ])
    expect(named(({ generation }) => generation === 'annotations')).toEqual(['apps/v1 Deployment'])
    expect(named(({ generation }) => generation === 'labels')).toEqual([
      'discovery.k8s.io/v1 EndpointSlice',
    ])
  })

  test('updates must name a version for', () => {
    expect(named(({ conditionalUpdates }) => conditionalUpdates)).toEqual([
      'admissionregistration.k8s.io/v1 MutatingAdmissionPolicy',
      'admissionregistration.k8s.io/v1 MutatingAdmissionPolicyBinding',
      'admissionregistration.k8s.io/v1 MutatingWebhookConfiguration',
      'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy',
      'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding',
      'admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration',
      'apiextensions.k8s.io/v1 CustomResourceDefinition',
      'apiregistration.k8s.io/v1 APIService',
      'coordination.k8s.io/v1 Lease',
      'node.k8s.io/v1 RuntimeClass',
      'policy/v1 PodDisruptionBudget',
      'storage.k8s.io/v1 CSIDriver',
      'storage.k8s.io/v1 CSINode',
      'storage.k8s.io/v1 CSIStorageCapacity',
      'storage.k8s.io/v1 VolumeAttachment',
    ])
  })

  test('an update may create', () => {
    expect(named(({ createOnUpdate }) => createOnUpdate)).toEqual([
      'coordination.k8s.io/v1 Lease',
      'events.k8s.io/v1 Event',
      'rbac.authorization.k8s.io/v1 ClusterRole',
      'rbac.authorization.k8s.io/v1 ClusterRoleBinding',
      'rbac.authorization.k8s.io/v1 Role',
      'rbac.authorization.k8s.io/v1 RoleBinding',
      'v1 Endpoints',
      'v1 Event',
      'v1 LimitRange',
      'v1 Service',
    ])
  })

  test('a delete answers with the object of', () => {
    expect(named(({ deletion }) => deletion?.returnsObject)).toEqual([
      'resource.k8s.io/v1 DeviceClass',
      'resource.k8s.io/v1 ResourceClaim',
      'resource.k8s.io/v1 ResourceClaimTemplate',
      'resource.k8s.io/v1 ResourceSlice',
      'storage.k8s.io/v1 CSIDriver',
      'storage.k8s.io/v1 CSINode',
      'storage.k8s.io/v1 StorageClass',
      'storage.k8s.io/v1 VolumeAttachment',
      'storage.k8s.io/v1 VolumeAttributesClass',
      'v1 Namespace',
      'v1 PersistentVolume',
      'v1 PersistentVolumeClaim',
      'v1 Pod',
      'v1 PodTemplate',
      'v1 ResourceQuota',
      'v1 Service',
      'v1 ServiceAccount',
    ])
  })

  test('dependents stay by default for', () => {
    expect(named(({ deletion }) => deletion?.orphansByDefault)).toEqual([
      'batch/v1 Job',
      'v1 ReplicationController',
    ])
  })
})
