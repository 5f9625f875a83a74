/** Which requests wait for which when there are too many: the usual levels, and who is on which. */

/** Changed by nobody, so that a newer server may bring it up to date. */
const annotations = { 'apf.kubernetes.io/autoupdate-spec': 'true' }
const apiVersion = 'flowcontrol.apiserver.k8s.io/v1'

const level = (name: string, spec: object) => ({
  apiVersion,
  kind: 'PriorityLevelConfiguration',
  metadata: { name, annotations },
  spec,
})

const QUEUE_LENGTH = 50

const queued = (
  name: string,
  shares: number,
  lendablePercent: number,
  queues: number,
  handSize: number,
) =>
  level(name, {
    type: 'Limited',
    limited: {
      nominalConcurrencyShares: shares,
      limitResponse: {
        type: 'Queue',
        queuing: { queues, handSize, queueLengthLimit: QUEUE_LENGTH },
      },
      lendablePercent,
    },
  })

export const priorityLevels = [
  level('exempt', { type: 'Exempt' }),
  level('catch-all', {
    type: 'Limited',
    limited: {
      nominalConcurrencyShares: 5,
      limitResponse: { type: 'Reject' },
      lendablePercent: 0,
    },
  }),
  queued('system', 30, 33, 64, 6),
  queued('node-high', 40, 25, 64, 6),
  queued('leader-election', 10, 0, 16, 4),
  queued('workload-high', 40, 50, 128, 6),
  queued('workload-low', 100, 90, 128, 6),
  queued('global-default', 20, 50, 128, 6),
]

const group = (name: string) => ({ kind: 'Group', group: { name } })
const user = (name: string) => ({ kind: 'User', user: { name } })
const account = (name: string) => ({
  kind: 'ServiceAccount',
  serviceAccount: { namespace: 'kube-system', name },
})

const everyone = [group('system:unauthenticated'), group('system:authenticated')]
const controllerManager = user('system:kube-controller-manager')
const scheduler = user('system:kube-scheduler')

const all = ['*']
const everything = {
  resourceRules: [
    { verbs: all, apiGroups: all, resources: all, clusterScope: true, namespaces: all },
  ],
  nonResourceRules: [{ verbs: all, nonResourceURLs: all }],
}
const resources = (verbs: readonly string[], apiGroup: string, names: readonly string[]) => ({
  verbs,
  apiGroups: [apiGroup],
  resources: names,
  namespaces: all,
})

const updates = ['get', 'create', 'update']
const leases = (verbs: readonly string[]) => resources(verbs, 'coordination.k8s.io', ['leases'])

interface Schema {
  readonly level: string
  readonly precedence: number
  readonly by?: 'ByUser' | 'ByNamespace'
  readonly subjects: readonly object[]
  readonly rules: object
}

const schema = (name: string, { level: target, precedence, by, subjects, rules }: Schema) => ({
  apiVersion,
  kind: 'FlowSchema',
  metadata: { name, annotations },
  spec: {
    priorityLevelConfiguration: { name: target },
    matchingPrecedence: precedence,
    ...(by && { distinguisherMethod: { type: by } }),
    rules: [{ subjects, ...rules }],
  },
})

export const flowSchemas = [
  schema('exempt', {
    level: 'exempt',
    precedence: 1,
    subjects: [group('system:masters')],
    rules: everything,
  }),
  schema('probes', {
    level: 'exempt',
    precedence: 2,
    subjects: everyone,
    rules: {
      nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }],
    },
  }),
  schema('system-leader-election', {
    level: 'leader-election',
    precedence: 100,
    by: 'ByUser',
    subjects: [controllerManager, scheduler, account('*')],
    rules: { resourceRules: [leases(updates)] },
  }),
  schema('endpoint-controller', {
    level: 'workload-high',
    precedence: 150,
    by: 'ByUser',
    subjects: [
      controllerManager,
      account('endpoint-controller'),
      account('endpointslicemirroring-controller'),
    ],
    rules: { resourceRules: [resources(updates, '', ['endpoints'])] },
  }),
  schema('workload-leader-election', {
    level: 'leader-election',
    precedence: 200,
    by: 'ByUser',
    subjects: [account('*')],
    rules: {
      resourceRules: [resources(updates, '', ['endpoints', 'configmaps']), leases(updates)],
    },
  }),
  schema('system-node-high', {
    level: 'node-high',
    precedence: 400,
    by: 'ByUser',
    subjects: [group('system:nodes')],
    rules: {
      resourceRules: [
        { ...resources(all, '', ['nodes', 'nodes/status']), clusterScope: true },
        leases(all),
      ],
    },
  }),
  schema('system-nodes', {
    level: 'system',
    precedence: 500,
    by: 'ByUser',
    subjects: [group('system:nodes')],
    rules: everything,
  }),
  schema('kube-controller-manager', {
    level: 'workload-high',
    precedence: 800,
    by: 'ByNamespace',
    subjects: [controllerManager],
    rules: everything,
  }),
  schema('kube-scheduler', {
    level: 'workload-high',
    precedence: 800,
    by: 'ByNamespace',
    subjects: [scheduler],
    rules: everything,
  }),
  schema('kube-system-service-accounts', {
    level: 'workload-high',
    precedence: 900,
    by: 'ByNamespace',
    subjects: [account('*')],
    rules: everything,
  }),
  schema('service-accounts', {
    level: 'workload-low',
    precedence: 9000,
    by: 'ByUser',
    subjects: [group('system:serviceaccounts')],
    rules: everything,
  }),
  schema('global-default', {
    level: 'global-default',
    precedence: 9900,
    by: 'ByUser',
    subjects: everyone,
    rules: everything,
  }),
  schema('catch-all', {
    level: 'catch-all',
    precedence: 10_000,
    by: 'ByUser',
    subjects: everyone,
    rules: everything,
  }),
]

/** That the level a schema names is there. */
export function foundStatus(schemaName: string, levelName: string, now: string) {
  return {
    apiVersion,
    kind: 'FlowSchema',
    metadata: { name: schemaName },
    status: {
      conditions: [
        {
          type: 'Dangling',
          status: 'False',
          lastTransitionTime: now,
          reason: 'Found',
          message:
            'This FlowSchema references the PriorityLevelConfiguration object named ' +
            `"${levelName}" and it exists`,
        },
      ],
    },
  }
}
