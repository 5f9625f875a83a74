/** Objects that a cluster needs beyond what every API server makes: DNS, and how nodes come in. */
import { ConfigMap } from '#api/kinds/core/config-map.ts'
import { Secret } from '#api/kinds/core/secret.ts'
import { Service } from '#api/kinds/core/service.ts'
import { EndpointSlice } from '#api/kinds/discovery/endpoint-slice.ts'
import { ClusterRole } from '#api/kinds/rbac/cluster-role.ts'
import { ClusterRoleBinding } from '#api/kinds/rbac/cluster-role-binding.ts'
import { Role } from '#api/kinds/rbac/role.ts'
import { RoleBinding } from '#api/kinds/rbac/role-binding.ts'
import { rbacGroup } from '#api/parts/rbac/rules.ts'
import type { Client } from '#client/rest.ts'
import type { Random } from '#daemon/random.ts'
import { settleAll } from '#daemon/settle-all.ts'
import type { ClusterDescription } from '../cluster.ts'
import { dnsPort } from './components.ts'

const DNS_NAME = 'kube-dns'
const SYSTEM = 'kube-system'
const BOOTSTRAP_GROUP = 'system:bootstrappers:kubeadm:default-node-token'

/** Who may do what, as kubeadm gives it to nodes that come with a token, and to nodes. */
const bindings: Readonly<Record<string, { readonly role: string; readonly group: string }>> = {
  'kubeadm:kubelet-bootstrap': { role: 'system:node-bootstrapper', group: BOOTSTRAP_GROUP },
  // Whoever joins sees whether its name is taken.
  'kubeadm:get-nodes': { role: 'kubeadm:get-nodes', group: BOOTSTRAP_GROUP },
  'kubeadm:node-autoapprove-bootstrap': {
    role: 'system:certificates.k8s.io:certificatesigningrequests:nodeclient',
    group: BOOTSTRAP_GROUP,
  },
  'kubeadm:node-autoapprove-certificate-rotation': {
    role: 'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient',
    group: 'system:nodes',
  },
  // A node that has joined runs kube-proxy with the credentials of its kubelet.
  'nanokube:node-proxier': { role: 'system:node-proxier', group: 'system:nodes' },
  'nanokube:node-host-ports': { role: 'nanokube:host-ports', group: 'system:nodes' },
}

const nodeReader = {
  metadata: { name: 'kubeadm:get-nodes' },
  rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get'] }],
}

/** Done anew at each start, so that what was deleted comes back. */
export async function applyAddOns(
  client: Client,
  cluster: ClusterDescription,
  entry: ClusterEntry,
): Promise<void> {
  const applier = client.with({ fieldManager: 'nanokube' })
  const force = { force: true }
  await settleAll([
    applier.apply(ClusterRole, nodeReader, force),
    ...Object.entries(bindings).map(([name, { role, group }]) =>
      applier.apply(ClusterRoleBinding, bindingOf(name, role, group), force),
    ),
    applier.apply(ConfigMap, clusterInfo(entry), force),
    applier.apply(Role, clusterInfoReader, force),
    applier.apply(RoleBinding, clusterInfoReaders, force),
    applier.apply(Service, dnsService(cluster), force),
    applier.apply(EndpointSlice, dnsEndpoints(cluster), force),
  ])
}

const bindingOf = (name: string, role: string, group: string) =>
  ({
    metadata: { name },
    roleRef: { apiGroup: rbacGroup, kind: 'ClusterRole', name: role },
    subjects: [{ apiGroup: rbacGroup, kind: 'Group', name: group }],
  }) as const

/** Where the API server is, and whom to trust: as it stands in a kubeconfig. */
export interface ClusterEntry {
  readonly server: string
  readonly 'certificate-authority-data'?: string
}

const PUBLIC = 'kube-public'
const CLUSTER_INFO = 'cluster-info'
const READER = 'kubeadm:bootstrap-signer-clusterinfo'

/** What a new node reads before it trusts anybody; a controller signs it with each token. */
const clusterInfo = (entry: ClusterEntry) => {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: '', cluster: entry }],
    contexts: [],
    'current-context': '',
    users: [],
  }
  return {
    metadata: { name: CLUSTER_INFO, namespace: PUBLIC },
    data: { kubeconfig: `${JSON.stringify(config)}\n` },
  }
}

const clusterInfoReader = {
  metadata: { name: READER, namespace: PUBLIC },
  rules: [
    { apiGroups: [''], resources: ['configmaps'], resourceNames: [CLUSTER_INFO], verbs: ['get'] },
  ],
}

const clusterInfoReaders = {
  metadata: { name: READER, namespace: PUBLIC },
  roleRef: { apiGroup: rbacGroup, kind: 'Role', name: READER },
  subjects: [{ apiGroup: rbacGroup, kind: 'User', name: 'system:anonymous' }],
} as const

const dnsPorts = [
  { name: 'dns', protocol: 'UDP' },
  { name: 'dns-tcp', protocol: 'TCP' },
] as const

/** Without a selector: the server runs outside the cluster's own network. */
const dnsService = ({ dnsAddress }: ClusterDescription) => ({
  metadata: {
    name: DNS_NAME,
    namespace: SYSTEM,
    labels: { 'k8s-app': DNS_NAME, 'kubernetes.io/cluster-service': 'true' },
  },
  spec: {
    clusterIP: dnsAddress,
    ports: dnsPorts.map((port) => ({ ...port, port: 53, targetPort: dnsPort })),
  },
})

const dnsEndpoints = ({ network, dnsServer }: ClusterDescription) => ({
  metadata: {
    name: DNS_NAME,
    namespace: SYSTEM,
    labels: {
      'kubernetes.io/service-name': DNS_NAME,
      'endpointslice.kubernetes.io/managed-by': 'nanokube',
    },
  },
  addressType: 'IPv4' as const,
  endpoints: [{ addresses: [dnsServer ?? network.gateway], conditions: { ready: true } }],
  ports: dnsPorts.map((port) => ({ ...port, port: dnsPort })),
})

export interface BootstrapToken {
  readonly id: string
  readonly secret: string
}

const ID_LENGTH = 6
const SECRET_LENGTH = 16

export function newToken(random: Random): BootstrapToken {
  return { id: random.suffix(ID_LENGTH), secret: random.suffix(SECRET_LENGTH) }
}

export const tokenText = ({ id, secret }: BootstrapToken): string => `${id}.${secret}`

export interface TokenWishes {
  readonly description: string
  /** When it ends, as a time of the API; never unless given. */
  readonly expiration?: string | undefined
}

/** For whoever shows it: the right to ask for the certificate of a node. */
export async function storeToken(
  client: Client,
  { id, secret }: BootstrapToken,
  { description, expiration }: TokenWishes,
): Promise<void> {
  await client.create(Secret, {
    metadata: { name: `bootstrap-token-${id}`, namespace: SYSTEM },
    type: 'bootstrap.kubernetes.io/token',
    stringData: {
      'token-id': id,
      'token-secret': secret,
      description,
      ...(expiration && { expiration }),
      'usage-bootstrap-authentication': 'true',
      'usage-bootstrap-signing': 'true',
      'auth-extra-groups': BOOTSTRAP_GROUP,
    },
  })
}
