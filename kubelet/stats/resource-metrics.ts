/** `/metrics/resource`: what autoscaling and metrics-server read of a kubelet. */
import { expositionText, type Family, type Sample } from './exposition.ts'
import type { ContainerSnapshot, PodSnapshot, Snapshot } from './statistics.ts'

const NS_PER_SECOND = 1e9

export function resourceText(snapshot: Snapshot): string {
  return expositionText(resourceFamilies(snapshot))
}

const seconds = ({ figures }: ContainerSnapshot): number => figures.cpuNs / NS_PER_SECOND
const bytes = ({ figures }: ContainerSnapshot): number => figures.workingSetBytes

const resourceFamilies = (snapshot: Snapshot): readonly Family[] => [
  ...containerFamilies(snapshot),
  ...nodeFamilies(snapshot),
  ...podFamilies(snapshot),
  {
    name: 'resource_scrape_error',
    help: '[STABLE] 1 if there was an error while getting container metrics, 0 otherwise',
    type: 'gauge',
    samples: [{ value: 0 }],
  },
]

function containerFamilies({ pods }: Snapshot): readonly Family[] {
  const ofContainers = (read: (container: ContainerSnapshot) => number): readonly Sample[] =>
    pods.flatMap(({ pod: { name: pod, namespace }, containers }) =>
      containers.map((each) => ({
        labels: { container: each.name, namespace, pod },
        value: read(each),
        atMs: each.figures.atMs,
      })),
    )
  return [
    {
      name: 'container_cpu_usage_seconds_total',
      help: '[STABLE] Cumulative cpu time consumed by the container in core-seconds',
      type: 'counter',
      samples: ofContainers(seconds),
    },
    {
      name: 'container_memory_working_set_bytes',
      help: '[STABLE] Current working set of the container in bytes',
      type: 'gauge',
      samples: ofContainers(bytes),
    },
    {
      name: 'container_start_time_seconds',
      help: '[STABLE] Start time of the container since unix epoch in seconds',
      type: 'gauge',
      samples: ofContainers(({ startedAtMs }) => startedAtMs / 1000).map(
        ({ atMs: _, ...sample }) => sample,
      ),
    },
  ]
}

function nodeFamilies({ node }: Snapshot): readonly Family[] {
  const { atMs } = node
  return [
    {
      name: 'node_cpu_usage_seconds_total',
      help: '[STABLE] Cumulative cpu time consumed by the node in core-seconds',
      type: 'counter',
      samples: [{ value: node.cpuNs / NS_PER_SECOND, atMs }],
    },
    {
      name: 'node_memory_working_set_bytes',
      help: '[STABLE] Current working set of the node in bytes',
      type: 'gauge',
      samples: [{ value: node.workingSetBytes, atMs }],
    },
    {
      name: 'node_swap_usage_bytes',
      help: '[ALPHA] Current swap usage of the node in bytes. Reported only on non-windows systems',
      type: 'gauge',
      samples: [{ value: node.swapUsedBytes, atMs }],
    },
  ]
}

function podFamilies({ node, pods }: Snapshot): readonly Family[] {
  const ofPods = (read: (container: ContainerSnapshot) => number): readonly Sample[] =>
    pods
      .filter(({ containers }) => containers.length > 0)
      .map(({ pod: { name: pod, namespace }, containers }: PodSnapshot) => ({
        labels: { namespace, pod },
        value: containers.reduce((sum, each) => sum + read(each), 0),
        atMs: node.atMs,
      }))
  return [
    {
      name: 'pod_cpu_usage_seconds_total',
      help: '[STABLE] Cumulative cpu time consumed by the pod in core-seconds',
      type: 'counter',
      samples: ofPods(seconds),
    },
    {
      name: 'pod_memory_working_set_bytes',
      help: '[STABLE] Current working set of the pod in bytes',
      type: 'gauge',
      samples: ofPods(bytes),
    },
  ]
}
