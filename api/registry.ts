/** Every built-in kind, and the ways to find one. */
import type { Kind } from './kind.ts'
import { AdmissionReview } from './kinds/admission/admission-review.ts'
import { MutatingAdmissionPolicy } from './kinds/admissionregistration/mutating-admission-policy.ts'
import { MutatingAdmissionPolicyBinding } from './kinds/admissionregistration/mutating-admission-policy-binding.ts'
import { MutatingWebhookConfiguration } from './kinds/admissionregistration/mutating-webhook-configuration.ts'
import { ValidatingAdmissionPolicy } from './kinds/admissionregistration/validating-admission-policy.ts'
import { ValidatingAdmissionPolicyBinding } from './kinds/admissionregistration/validating-admission-policy-binding.ts'
import { ValidatingWebhookConfiguration } from './kinds/admissionregistration/validating-webhook-configuration.ts'
import { APIGroupDiscovery } from './kinds/apidiscovery/api-group-discovery.ts'
import { APIGroupDiscoveryList } from './kinds/apidiscovery/api-group-discovery-list.ts'
import { ConversionReview } from './kinds/apiextensions/conversion-review.ts'
import { CustomResourceDefinition } from './kinds/apiextensions/custom-resource-definition.ts'
import { APIService } from './kinds/apiregistration/api-service.ts'
import { ControllerRevision } from './kinds/apps/controller-revision.ts'
import { DaemonSet } from './kinds/apps/daemon-set.ts'
import { Deployment } from './kinds/apps/deployment.ts'
import { ReplicaSet } from './kinds/apps/replica-set.ts'
import { StatefulSet } from './kinds/apps/stateful-set.ts'
import { SelfSubjectReview } from './kinds/authentication/self-subject-review.ts'
import { TokenRequest } from './kinds/authentication/token-request.ts'
import { TokenReview } from './kinds/authentication/token-review.ts'
import { LocalSubjectAccessReview } from './kinds/authorization/local-subject-access-review.ts'
import { SelfSubjectAccessReview } from './kinds/authorization/self-subject-access-review.ts'
import { SelfSubjectRulesReview } from './kinds/authorization/self-subject-rules-review.ts'
import { SubjectAccessReview } from './kinds/authorization/subject-access-review.ts'
import { HorizontalPodAutoscaler } from './kinds/autoscaling/horizontal-pod-autoscaler.ts'
import { HorizontalPodAutoscaler as HorizontalPodAutoscalerV1 } from './kinds/autoscaling/horizontal-pod-autoscaler-v1.ts'
import { Scale } from './kinds/autoscaling/scale.ts'
import { CronJob } from './kinds/batch/cron-job.ts'
import { Job } from './kinds/batch/job.ts'
import { CertificateSigningRequest } from './kinds/certificates/certificate-signing-request.ts'
import { Lease } from './kinds/coordination/lease.ts'
import { Binding } from './kinds/core/binding.ts'
import { ComponentStatus } from './kinds/core/component-status.ts'
import { ConfigMap } from './kinds/core/config-map.ts'
import { Endpoints } from './kinds/core/endpoints.ts'
import { Event } from './kinds/core/event.ts'
import { LimitRange } from './kinds/core/limit-range.ts'
import { Namespace } from './kinds/core/namespace.ts'
import { Node } from './kinds/core/node.ts'
import { NodeProxyOptions } from './kinds/core/node-proxy-options.ts'
import { PersistentVolume } from './kinds/core/persistent-volume.ts'
import { PersistentVolumeClaim } from './kinds/core/persistent-volume-claim.ts'
import { Pod } from './kinds/core/pod.ts'
import { PodAttachOptions } from './kinds/core/pod-attach-options.ts'
import { PodExecOptions } from './kinds/core/pod-exec-options.ts'
import { PodLogOptions } from './kinds/core/pod-log-options.ts'
import { PodPortForwardOptions } from './kinds/core/pod-port-forward-options.ts'
import { PodProxyOptions } from './kinds/core/pod-proxy-options.ts'
import { PodStatusResult } from './kinds/core/pod-status-result.ts'
import { PodTemplate } from './kinds/core/pod-template.ts'
import { RangeAllocation } from './kinds/core/range-allocation.ts'
import { ReplicationController } from './kinds/core/replication-controller.ts'
import { ResourceQuota } from './kinds/core/resource-quota.ts'
import { Secret } from './kinds/core/secret.ts'
import { SerializedReference } from './kinds/core/serialized-reference.ts'
import { Service } from './kinds/core/service.ts'
import { ServiceAccount } from './kinds/core/service-account.ts'
import { ServiceProxyOptions } from './kinds/core/service-proxy-options.ts'
import { EndpointSlice } from './kinds/discovery/endpoint-slice.ts'
import { Event as EventsEvent } from './kinds/events/event.ts'
import { FlowSchema } from './kinds/flowcontrol/flow-schema.ts'
import { PriorityLevelConfiguration } from './kinds/flowcontrol/priority-level-configuration.ts'
import { APIGroup } from './kinds/meta/api-group.ts'
import { APIGroupList } from './kinds/meta/api-group-list.ts'
import { APIResourceList } from './kinds/meta/api-resource-list.ts'
import { APIVersions } from './kinds/meta/api-versions.ts'
import { CreateOptions } from './kinds/meta/create-options.ts'
import { DeleteOptions } from './kinds/meta/delete-options.ts'
import { GetOptions } from './kinds/meta/get-options.ts'
import { ListOptions } from './kinds/meta/list-options.ts'
import { PartialObjectMetadata } from './kinds/meta/partial-object-metadata.ts'
import { PatchOptions } from './kinds/meta/patch-options.ts'
import { Status } from './kinds/meta/status.ts'
import { Table } from './kinds/meta/table.ts'
import { UpdateOptions } from './kinds/meta/update-options.ts'
import { WatchEvent } from './kinds/meta/watch-event.ts'
import { NodeMetrics } from './kinds/metrics/node-metrics.ts'
import { PodMetrics } from './kinds/metrics/pod-metrics.ts'
import { Ingress } from './kinds/networking/ingress.ts'
import { IngressClass } from './kinds/networking/ingress-class.ts'
import { IPAddress } from './kinds/networking/ip-address.ts'
import { NetworkPolicy } from './kinds/networking/network-policy.ts'
import { ServiceCIDR } from './kinds/networking/service-cidr.ts'
import { RuntimeClass } from './kinds/node/runtime-class.ts'
import { Eviction } from './kinds/policy/eviction.ts'
import { PodDisruptionBudget } from './kinds/policy/pod-disruption-budget.ts'
import { ClusterRole } from './kinds/rbac/cluster-role.ts'
import { ClusterRoleBinding } from './kinds/rbac/cluster-role-binding.ts'
import { Role } from './kinds/rbac/role.ts'
import { RoleBinding } from './kinds/rbac/role-binding.ts'
import { DeviceClass } from './kinds/resource/device-class.ts'
import { ResourceClaim } from './kinds/resource/resource-claim.ts'
import { ResourceClaimTemplate } from './kinds/resource/resource-claim-template.ts'
import { ResourceSlice } from './kinds/resource/resource-slice.ts'
import { PriorityClass } from './kinds/scheduling/priority-class.ts'
import { CSIDriver } from './kinds/storage/csi-driver.ts'
import { CSINode } from './kinds/storage/csi-node.ts'
import { CSIStorageCapacity } from './kinds/storage/csi-storage-capacity.ts'
import { StorageClass } from './kinds/storage/storage-class.ts'
import { VolumeAttachment } from './kinds/storage/volume-attachment.ts'
import { VolumeAttributesClass } from './kinds/storage/volume-attributes-class.ts'

/** In the order in which discovery lists their groups. */
export const kinds: readonly Kind[] = [
  // core
  Binding,
  ComponentStatus,
  ConfigMap,
  Endpoints,
  Event,
  LimitRange,
  Namespace,
  Node,
  NodeProxyOptions,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodAttachOptions,
  PodExecOptions,
  PodLogOptions,
  PodPortForwardOptions,
  PodProxyOptions,
  PodStatusResult,
  PodTemplate,
  RangeAllocation,
  ReplicationController,
  ResourceQuota,
  Secret,
  SerializedReference,
  Service,
  ServiceAccount,
  ServiceProxyOptions,
  // meta
  APIGroup,
  APIGroupList,
  APIResourceList,
  APIVersions,
  CreateOptions,
  DeleteOptions,
  GetOptions,
  ListOptions,
  PartialObjectMetadata,
  PatchOptions,
  Status,
  Table,
  UpdateOptions,
  WatchEvent,
  // admission
  AdmissionReview,
  // admissionregistration
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  MutatingWebhookConfiguration,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  ValidatingWebhookConfiguration,
  // apidiscovery
  APIGroupDiscovery,
  APIGroupDiscoveryList,
  // apiextensions
  ConversionReview,
  CustomResourceDefinition,
  // apiregistration
  APIService,
  // apps
  ControllerRevision,
  DaemonSet,
  Deployment,
  ReplicaSet,
  StatefulSet,
  // authentication
  SelfSubjectReview,
  TokenRequest,
  TokenReview,
  // authorization
  LocalSubjectAccessReview,
  SelfSubjectAccessReview,
  SelfSubjectRulesReview,
  SubjectAccessReview,
  // autoscaling
  HorizontalPodAutoscalerV1,
  HorizontalPodAutoscaler,
  Scale,
  // batch
  CronJob,
  Job,
  // certificates
  CertificateSigningRequest,
  // coordination
  Lease,
  // discovery
  EndpointSlice,
  // events
  EventsEvent,
  // flowcontrol
  FlowSchema,
  PriorityLevelConfiguration,
  // metrics
  NodeMetrics,
  PodMetrics,
  // networking
  Ingress,
  IngressClass,
  IPAddress,
  NetworkPolicy,
  ServiceCIDR,
  // node
  RuntimeClass,
  // policy
  Eviction,
  PodDisruptionBudget,
  // rbac
  ClusterRole,
  ClusterRoleBinding,
  Role,
  RoleBinding,
  // resource
  DeviceClass,
  ResourceClaim,
  ResourceClaimTemplate,
  ResourceSlice,
  // scheduling
  PriorityClass,
  // storage
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  StorageClass,
  VolumeAttachment,
  VolumeAttributesClass,
]

const byVersionAndKind = new Map(kinds.map((kind) => [`${kind.apiVersion}/${kind.kind}`, kind]))
const byResource = new Map(
  kinds.filter((kind) => kind.plural).map((kind) => [`${kind.apiVersion}/${kind.plural}`, kind]),
)

export function kindOf(apiVersion: string, kind: string): Kind | undefined {
  return byVersionAndKind.get(`${apiVersion}/${kind}`)
}

export function resourceOf(apiVersion: string, plural: string): Kind | undefined {
  return byResource.get(`${apiVersion}/${plural}`)
}
