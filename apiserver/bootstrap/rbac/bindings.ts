/** Who has the roles of a fresh cluster. */
import { rbacGroup, type Subject } from '#api/parts/rbac/rules.ts'
import { allow, events, READ, type RoleTable } from './policy.ts'

const user = (name: string): Subject => ({ kind: 'User', apiGroup: rbacGroup, name })
const group = (name: string): Subject => ({ kind: 'Group', apiGroup: rbacGroup, name })

/** An account in kube-system. */
export const systemAccount = (name: string): Subject => ({
  kind: 'ServiceAccount',
  name,
  namespace: 'kube-system',
})

const controllerManager = user('system:kube-controller-manager')
const scheduler = user('system:kube-scheduler')
const authenticated = group('system:authenticated')
const unauthenticated = group('system:unauthenticated')

/** By the name of the ClusterRole, which is that of the binding too. */
export const clusterSubjects: Readonly<Record<string, readonly Subject[]>> = {
  'cluster-admin': [group('system:masters')],
  'system:basic-user': [authenticated],
  'system:discovery': [authenticated],
  'nanokube:host-ports': [user('system:kube-proxy'), systemAccount('kube-proxy')],
  'system:cloud-controller-manager': [user('system:cloud-controller-manager')],
  'system:coredns': [user('system:coredns'), systemAccount('coredns')],
  'system:kube-controller-manager': [controllerManager],
  'system:kube-dns': [systemAccount('kube-dns')],
  'system:kube-scheduler': [scheduler],
  'system:monitoring': [group('system:monitoring')],
  // Nodes have the Node authorizer; the binding is there for clusters that do without it.
  'system:node': [],
  'system:node-proxier': [user('system:kube-proxy')],
  'system:public-info-viewer': [authenticated, unauthenticated],
  'system:service-account-issuer-discovery': [group('system:serviceaccounts')],
  'system:volume-scheduler': [scheduler],
}

/** Roles in a namespace, by namespace and name. */
export const namespacedRoles: Readonly<Record<string, RoleTable>> = {
  'kube-public': {
    'system:controller:bootstrap-signer': [
      allow(READ, 'core', 'configmaps'),
      allow('update', 'core', 'configmaps', 'cluster-info'),
      events,
    ],
  },
  'kube-system': {
    'extension-apiserver-authentication-reader': [
      allow(READ, 'core', 'configmaps', 'extension-apiserver-authentication'),
    ],
    'system::leader-locking-kube-controller-manager': [
      allow('watch', 'core', 'configmaps'),
      allow('get update', 'core', 'configmaps', 'kube-controller-manager'),
    ],
    'system::leader-locking-kube-scheduler': [
      allow('watch', 'core', 'configmaps'),
      allow('get update', 'core', 'configmaps', 'kube-scheduler'),
    ],
    'system:controller:bootstrap-signer': [allow(READ, 'core', 'secrets')],
    'system:controller:cloud-provider': [allow('create get list watch', 'core', 'configmaps')],
    'system:controller:token-cleaner': [allow('delete get list watch', 'core', 'secrets'), events],
  },
}

interface NamespacedBinding {
  readonly namespace: string
  readonly name: string
  readonly role: string
  readonly subjects: readonly Subject[]
}

const forAccount = (namespace: string, account: string): NamespacedBinding => {
  const name = `system:controller:${account}`
  return { namespace, name, role: name, subjects: [systemAccount(account)] }
}

const forLeader = (component: string): NamespacedBinding => {
  const name = `system::leader-locking-${component}`
  const subjects = [user(`system:${component}`), systemAccount(component)]
  return { namespace: 'kube-system', name, role: name, subjects }
}

export const namespacedBindings: readonly NamespacedBinding[] = [
  forAccount('kube-public', 'bootstrap-signer'),
  forAccount('kube-system', 'bootstrap-signer'),
  forAccount('kube-system', 'cloud-provider'),
  forAccount('kube-system', 'token-cleaner'),
  forLeader('kube-controller-manager'),
  forLeader('kube-scheduler'),
  {
    namespace: 'kube-system',
    name: 'system::extension-apiserver-authentication-reader',
    role: 'extension-apiserver-authentication-reader',
    subjects: [controllerManager, scheduler],
  },
]
