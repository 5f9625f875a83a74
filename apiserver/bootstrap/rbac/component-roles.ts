/** Roles of the parts of a cluster and of those who watch over it. */
import { allow, allowPaths, events, READ, type RoleTable } from './policy.ts'

/** What every node may do; the Node authorizer narrows it down to what its pods need. */
export const nodeRules = [
  allow('create', 'authentication.k8s.io', 'tokenreviews'),
  allow('create', 'authorization.k8s.io', 'localsubjectaccessreviews subjectaccessreviews'),
  allow(READ, 'core', 'services'),
  allow('create get list watch', 'core', 'nodes'),
  allow('patch update', 'core', 'nodes/status'),
  allow('patch update', 'core', 'nodes'),
  allow('create patch update', 'core', 'events'),
  allow(READ, 'core', 'pods'),
  allow('create delete', 'core', 'pods'),
  allow('patch update', 'core', 'pods/status'),
  allow('create', 'core', 'pods/eviction'),
  allow(READ, 'core', 'configmaps secrets'),
  allow('get', 'core', 'persistentvolumeclaims persistentvolumes'),
  allow('get', 'core', 'endpoints'),
  allow('create get list watch', 'certificates.k8s.io', 'certificatesigningrequests'),
  allow('create delete get patch update', 'coordination.k8s.io', 'leases'),
  allow('get', 'storage.k8s.io', 'volumeattachments'),
  allow('create', 'core', 'serviceaccounts/token'),
  allow('get patch update', 'core', 'persistentvolumeclaims/status'),
  allow(READ, 'storage.k8s.io', 'csidrivers'),
  allow('create delete get patch update', 'storage.k8s.io', 'csinodes'),
  allow(READ, 'node.k8s.io', 'runtimeclasses'),
  allow('get', 'core', 'serviceaccounts'),
  allow('get', 'resource.k8s.io', 'resourceclaims'),
  allow('deletecollection', 'resource.k8s.io', 'resourceslices'),
]

export const componentRoles: RoleTable = {
  'cluster-admin': [allow('*', '*', '*'), allowPaths('*', '*')],
  'system:auth-delegator': [
    allow('create', 'authentication.k8s.io', 'tokenreviews'),
    allow('create', 'authorization.k8s.io', 'subjectaccessreviews'),
  ],
  'system:basic-user': [
    allow('create', 'authorization.k8s.io', 'selfsubjectaccessreviews selfsubjectrulesreviews'),
    allow('create', 'authentication.k8s.io', 'selfsubjectreviews'),
  ],
  'system:certificates.k8s.io:certificatesigningrequests:nodeclient': [
    allow('create', 'certificates.k8s.io', 'certificatesigningrequests/nodeclient'),
  ],
  'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient': [
    allow('create', 'certificates.k8s.io', 'certificatesigningrequests/selfnodeclient'),
  ],
  'system:certificates.k8s.io:kube-apiserver-client-approver': [
    allow('approve', 'certificates.k8s.io', 'signers', 'kubernetes.io/kube-apiserver-client'),
  ],
  'system:certificates.k8s.io:kube-apiserver-client-kubelet-approver': [
    allow(
      'approve',
      'certificates.k8s.io',
      'signers',
      'kubernetes.io/kube-apiserver-client-kubelet',
    ),
  ],
  'system:certificates.k8s.io:kubelet-serving-approver': [
    allow('approve', 'certificates.k8s.io', 'signers', 'kubernetes.io/kubelet-serving'),
  ],
  'system:certificates.k8s.io:legacy-unknown-approver': [
    allow('approve', 'certificates.k8s.io', 'signers', 'kubernetes.io/legacy-unknown'),
  ],
  'system:discovery': [
    allowPaths(
      'get',
      '/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version ' +
        '/version/',
    ),
  ],
  'system:heapster': [
    allow(READ, 'core', 'events namespaces nodes pods'),
    allow(READ, 'extensions', 'deployments'),
  ],
  'system:kube-aggregator': [allow(READ, 'core', 'endpoints services')],
  'system:kube-controller-manager': [
    events,
    allow('create', 'coordination.k8s.io', 'leases'),
    allow('get update', 'coordination.k8s.io', 'leases', 'kube-controller-manager'),
    allow('create', 'core', 'secrets serviceaccounts'),
    allow('delete', 'core', 'secrets'),
    allow('get', 'core', 'configmaps namespaces secrets serviceaccounts'),
    allow('update', 'core', 'secrets serviceaccounts'),
    allow('create', 'authentication.k8s.io', 'tokenreviews'),
    allow('create', 'authorization.k8s.io', 'subjectaccessreviews'),
    allow('list watch', '*', '*'),
    allow('create', 'core', 'serviceaccounts/token'),
  ],
  // Upstream leaves it to each cloud. Its controllers work under roles of their own.
  'system:cloud-controller-manager': [
    events,
    allow('create', 'coordination.k8s.io', 'leases'),
    allow('get update', 'coordination.k8s.io', 'leases', 'cloud-controller-manager'),
    allow(READ, 'core', 'nodes services'),
    allow('create', 'core', 'serviceaccounts serviceaccounts/token'),
  ],
  // As CoreDNS is installed upstream: the older role below knows no slices.
  'system:coredns': [
    allow('list watch', 'core', 'endpoints namespaces pods services'),
    allow('list watch', 'discovery.k8s.io', 'endpointslices'),
  ],
  'system:kube-dns': [allow('list watch', 'core', 'endpoints services')],
  'system:kube-scheduler': [
    events,
    allow('create', 'coordination.k8s.io', 'leases'),
    allow('get update', 'coordination.k8s.io', 'leases', 'kube-scheduler'),
    allow(READ, 'core', 'nodes'),
    allow('delete get list watch', 'core', 'pods'),
    allow('create', 'core', 'bindings pods/binding'),
    allow('patch update', 'core', 'pods/status'),
    allow(READ, 'core', 'replicationcontrollers services'),
    allow(READ, 'apps extensions', 'replicasets'),
    allow(READ, 'apps', 'statefulsets'),
    allow(READ, 'policy', 'poddisruptionbudgets'),
    allow(READ, 'core', 'persistentvolumeclaims persistentvolumes'),
    allow('create', 'authentication.k8s.io', 'tokenreviews'),
    allow('create', 'authorization.k8s.io', 'subjectaccessreviews'),
    allow(READ, 'storage.k8s.io', 'csinodes'),
    allow(READ, 'core', 'namespaces'),
    allow(READ, 'storage.k8s.io', 'csidrivers'),
    allow(READ, 'storage.k8s.io', 'csistoragecapacities'),
    allow(READ, 'storage.k8s.io', 'volumeattachments'),
    allow(READ, 'resource.k8s.io', 'deviceclasses'),
    allow('get list patch update watch', 'resource.k8s.io', 'resourceclaims'),
    allow('get list patch update watch', 'resource.k8s.io', 'resourceclaims/status'),
    allow('patch update', 'resource.k8s.io', 'resourceclaims/binding'),
    allow(READ, 'resource.k8s.io', 'resourceslices'),
    allow('update', 'core', 'pods/finalizers'),
  ],
  'system:kubelet-api-admin': [
    allow(READ, 'core', 'nodes'),
    allow('proxy', 'core', 'nodes'),
    allow(
      '*',
      'core',
      'nodes/configz nodes/healthz nodes/log nodes/metrics nodes/pods nodes/proxy ' +
        'nodes/spec nodes/stats',
    ),
  ],
  'system:monitoring': [
    allowPaths(
      'get',
      '/healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/*',
    ),
  ],
  'system:node-bootstrapper': [
    allow('create get list watch', 'certificates.k8s.io', 'certificatesigningrequests'),
  ],
  // Host ports are rules of ours, where upstream leaves them to a network plugin.
  'nanokube:host-ports': [allow('list watch', 'core', 'pods')],
  'system:node-problem-detector': [
    allow('get', 'core', 'nodes'),
    allow('patch', 'core', 'nodes/status'),
    events,
  ],
  'system:node-proxier': [
    allow('list watch', 'core', 'endpoints services'),
    allow(READ, 'core', 'nodes'),
    events,
    allow('list watch', 'discovery.k8s.io', 'endpointslices'),
    allow('list watch', 'networking.k8s.io', 'servicecidrs'),
  ],
  'system:persistent-volume-provisioner': [
    allow('create delete get list watch', 'core', 'persistentvolumes'),
    allow('get list update watch', 'core', 'persistentvolumeclaims'),
    allow(READ, 'storage.k8s.io', 'storageclasses'),
    allow('watch', 'core', 'events'),
    events,
  ],
  'system:public-info-viewer': [allowPaths('get', '/healthz /livez /readyz /version /version/')],
  'system:service-account-issuer-discovery': [
    allowPaths('get', '/.well-known/openid-configuration /openid/v1/jwks'),
  ],
  'system:volume-scheduler': [
    allow('get list patch update watch', 'core', 'persistentvolumes'),
    allow(READ, 'storage.k8s.io', 'storageclasses'),
    allow('get list patch update watch', 'core', 'persistentvolumeclaims'),
  ],
  'system:node': nodeRules,
}
