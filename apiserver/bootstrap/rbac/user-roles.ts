/** Roles for people who work in a namespace: each is put together from others by a label. */
import { allow, READ, type RoleTable, WRITE } from './policy.ts'

/** What `admin`, `edit` and `view` have beyond each other; others may add to them. */
export const userRoles: RoleTable = {
  admin: [
    allow('create', 'authorization.k8s.io', 'localsubjectaccessreviews'),
    allow(
      'create delete deletecollection get list patch update watch',
      'rbac.authorization.k8s.io',
      'rolebindings roles',
    ),
  ],
  edit: [
    allow(READ, 'core', 'pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy'),
    allow('impersonate', 'core', 'serviceaccounts'),
    allow(WRITE, 'core', 'pods pods/attach pods/exec pods/portforward pods/proxy'),
    allow('create', 'core', 'pods/eviction'),
    allow(
      WRITE,
      'core',
      'configmaps events persistentvolumeclaims replicationcontrollers ' +
        'replicationcontrollers/scale secrets serviceaccounts services services/proxy',
    ),
    allow('create', 'core', 'serviceaccounts/token'),
    allow(
      WRITE,
      'apps',
      'daemonsets deployments deployments/rollback deployments/scale replicasets ' +
        'replicasets/scale statefulsets statefulsets/scale',
    ),
    allow(WRITE, 'autoscaling', 'horizontalpodautoscalers'),
    allow(WRITE, 'batch', 'cronjobs jobs'),
    allow(
      WRITE,
      'extensions',
      'daemonsets deployments deployments/rollback deployments/scale ingresses ' +
        'networkpolicies replicasets replicasets/scale replicationcontrollers/scale',
    ),
    allow(WRITE, 'policy', 'poddisruptionbudgets'),
    allow(WRITE, 'networking.k8s.io', 'ingresses networkpolicies'),
    allow(
      'create delete deletecollection get list patch update watch',
      'coordination.k8s.io',
      'leases',
    ),
    allow(WRITE, 'resource.k8s.io', 'resourceclaims resourceclaimtemplates'),
  ],
  view: [
    allow(
      READ,
      'core',
      'configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods ' +
        'replicationcontrollers replicationcontrollers/scale serviceaccounts services ' +
        'services/status',
    ),
    allow(
      READ,
      'core',
      'bindings events limitranges namespaces/status pods/log pods/status ' +
        'replicationcontrollers/status resourcequotas resourcequotas/status',
    ),
    allow(READ, 'core', 'namespaces'),
    allow(READ, 'discovery.k8s.io', 'endpointslices'),
    allow(
      READ,
      'apps',
      'controllerrevisions daemonsets daemonsets/status deployments deployments/scale ' +
        'deployments/status replicasets replicasets/scale replicasets/status statefulsets ' +
        'statefulsets/scale statefulsets/status',
    ),
    allow(READ, 'autoscaling', 'horizontalpodautoscalers horizontalpodautoscalers/status'),
    allow(READ, 'batch', 'cronjobs cronjobs/status jobs jobs/status'),
    allow(
      READ,
      'extensions',
      'daemonsets daemonsets/status deployments deployments/scale deployments/status ' +
        'ingresses ingresses/status networkpolicies replicasets replicasets/scale ' +
        'replicasets/status replicationcontrollers/scale',
    ),
    allow(READ, 'policy', 'poddisruptionbudgets poddisruptionbudgets/status'),
    allow(READ, 'networking.k8s.io', 'ingresses ingresses/status networkpolicies'),
    allow(READ, 'resource.k8s.io', 'resourceclaims resourceclaims/status resourceclaimtemplates'),
  ],
}
