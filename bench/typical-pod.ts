/** A pod as a deployment makes it and a kubelet reports on it, for the benches. */

const labels = { app: 'web', 'pod-template-hash': '5d8c7b9f4', tier: 'frontend' }
const startedAt = '2026-01-01T00:00:05Z'

const serviceAccountVolume = {
  name: 'kube-api-access-x2m8q',
  projected: {
    defaultMode: 420,
    sources: [
      { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
      {
        configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] },
      },
      {
        downwardAPI: {
          items: [
            { path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } },
          ],
        },
      },
    ],
  },
}

const condition = (type: string) => ({
  type,
  status: 'True',
  lastProbeTime: null,
  lastTransitionTime: startedAt,
})

const container = {
  name: 'web',
  image: 'nginx:1.27',
  ports: [{ name: 'http', containerPort: 8080 }],
  env: [
    { name: 'LOG_LEVEL', value: 'info' },
    { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
  ],
  resources: {
    limits: { cpu: '500m', memory: '256Mi' },
    requests: { cpu: '100m', memory: '128Mi' },
  },
  volumeMounts: [
    { name: 'config', mountPath: '/etc/web', readOnly: true },
    {
      name: 'kube-api-access-x2m8q',
      mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
      readOnly: true,
    },
  ],
  livenessProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 10 },
  readinessProbe: { httpGet: { path: '/readyz', port: 'http' }, initialDelaySeconds: 2 },
  securityContext: { runAsNonRoot: true, allowPrivilegeEscalation: false },
}

const containerStatus = {
  name: 'web',
  state: { running: { startedAt } },
  lastState: {},
  ready: true,
  restartCount: 0,
  image: 'nginx:1.27',
  imageID: 'sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
  containerID: 'docker://fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210',
  started: true,
}

export const typicalPod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'web-5d8c7b9f4-abcde',
    generateName: 'web-5d8c7b9f4-',
    namespace: 'default',
    uid: '3c2f1d7e-5b1a-4f0e-9a57-0c1b2d3e4f50',
    resourceVersion: '12345',
    generation: 1,
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels,
    annotations: { 'example.com/checksum': 'c0ffee' },
    ownerReferences: [
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        name: 'web-5d8c7b9f4',
        uid: '8f4e2c1d-0b9a-4e3f-8d7c-6b5a4f3e2d1c',
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
  },
  spec: {
    containers: [container],
    volumes: [{ name: 'config', configMap: { name: 'web' } }, serviceAccountVolume],
    serviceAccountName: 'default',
    nodeName: 'node-1',
    tolerations: [
      {
        key: 'node.kubernetes.io/not-ready',
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 300,
      },
      {
        key: 'node.kubernetes.io/unreachable',
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 300,
      },
    ],
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'topology.kubernetes.io/zone',
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: { app: 'web' } },
      },
    ],
  },
  status: {
    phase: 'Running',
    conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map(condition),
    hostIP: '172.18.0.2',
    podIP: '10.244.1.7',
    podIPs: [{ ip: '10.244.1.7' }],
    startTime: '2026-01-01T00:00:01Z',
    containerStatuses: [containerStatus],
    qosClass: 'Burstable',
  },
}
