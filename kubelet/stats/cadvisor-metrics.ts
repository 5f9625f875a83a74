/** `/metrics/cadvisor`: what dashboards read of containers, under the names that cAdvisor gave. */
import type { NetworkFigures } from '../runtime.ts'
import { expositionText, type Family, type Sample } from './exposition.ts'
import type { ContainerSnapshot, Snapshot } from './statistics.ts'

const NS_PER_SECOND = 1e9

interface ContainerFamily extends Omit<Family, 'samples'> {
  readonly labels?: Readonly<Record<string, string>>
  readonly read: (container: ContainerSnapshot) => number
}

const containerFamilies: readonly ContainerFamily[] = [
  {
    name: 'container_cpu_usage_seconds_total',
    help: 'Cumulative cpu time consumed in seconds.',
    type: 'counter',
    labels: { cpu: 'total' },
    read: ({ figures }) => figures.cpuNs / NS_PER_SECOND,
  },
  {
    name: 'container_last_seen',
    help: 'Last time a container was seen by the exporter',
    type: 'gauge',
    read: ({ figures }) => Math.floor(figures.atMs / 1000),
  },
  {
    name: 'container_memory_rss',
    help: 'Size of RSS in bytes.',
    type: 'gauge',
    read: ({ figures }) => figures.rssBytes,
  },
  {
    name: 'container_memory_usage_bytes',
    help: 'Current memory usage in bytes, including all memory regardless of when it was accessed',
    type: 'gauge',
    read: ({ figures }) => figures.memoryBytes,
  },
  {
    name: 'container_memory_working_set_bytes',
    help: 'Current working set in bytes.',
    type: 'gauge',
    read: ({ figures }) => figures.workingSetBytes,
  },
  {
    name: 'container_processes',
    help: 'Number of processes running inside the container.',
    type: 'gauge',
    read: ({ figures }) => figures.processes,
  },
  {
    name: 'container_start_time_seconds',
    help: 'Start time of the container since unix epoch in seconds.',
    type: 'gauge',
    read: ({ startedAtMs }) => startedAtMs / 1000,
  },
]

const networkFamilies: readonly (Omit<Family, 'samples'> & {
  readonly read: (figures: NetworkFigures) => number
})[] = [
  {
    name: 'container_network_receive_bytes_total',
    help: 'Cumulative count of bytes received',
    type: 'counter',
    read: ({ receivedBytes }) => receivedBytes,
  },
  {
    name: 'container_network_receive_errors_total',
    help: 'Cumulative count of errors encountered while receiving',
    type: 'counter',
    read: ({ receiveErrors }) => receiveErrors,
  },
  {
    name: 'container_network_transmit_bytes_total',
    help: 'Cumulative count of bytes transmitted',
    type: 'counter',
    read: ({ sentBytes }) => sentBytes,
  },
  {
    name: 'container_network_transmit_errors_total',
    help: 'Cumulative count of errors encountered while transmitting',
    type: 'counter',
    read: ({ sendErrors }) => sendErrors,
  },
]

export function cadvisorText(snapshot: Snapshot): string {
  const { node } = snapshot
  return expositionText([
    ...containerFamilies.map(({ read, labels, ...family }) => ({
      ...family,
      samples: containerSamples(snapshot, read, labels),
    })),
    memoryFailures(snapshot),
    ...networkFamilies.map(({ read, ...family }) => ({
      ...family,
      samples: networkSamples(snapshot, read),
    })),
    {
      name: 'machine_cpu_cores',
      help: 'Number of logical CPU cores.',
      type: 'gauge',
      samples: [{ value: node.cpus }],
    },
    {
      name: 'machine_memory_bytes',
      help: 'Amount of memory installed on the machine.',
      type: 'gauge',
      samples: [{ value: node.memoryBytes }],
    },
  ])
}

function containerSamples(
  { pods }: Snapshot,
  read: ContainerFamily['read'],
  labels: Readonly<Record<string, string>> = {},
): readonly Sample[] {
  return pods.flatMap(({ pod, containers }) =>
    containers.map((each) => ({
      labels: {
        container: each.name,
        ...labels,
        id: `/kubepods/pod${pod.uid}/${each.id}`,
        image: each.image,
        name: each.id,
        namespace: pod.namespace,
        pod: pod.name,
      },
      value: read(each),
      atMs: each.figures.atMs,
    })),
  )
}

function memoryFailures(snapshot: Snapshot): Family {
  const failures = (failure_type: string, read: ContainerFamily['read']): readonly Sample[] =>
    containerSamples(snapshot, read, { failure_type, scope: 'container' })
  return {
    name: 'container_memory_failures_total',
    help: 'Cumulative count of memory allocation failures.',
    type: 'counter',
    samples: [
      ...failures('pgfault', ({ figures }) => figures.pageFaults),
      ...failures('pgmajfault', ({ figures }) => figures.majorPageFaults),
    ],
  }
}

function networkSamples(
  { pods, node }: Snapshot,
  read: (figures: NetworkFigures) => number,
): readonly Sample[] {
  return pods.flatMap(({ pod: { name: pod, namespace, uid }, network }) => {
    if (!network) return []
    const id = `/kubepods/pod${uid}`
    const labels = { id, image: '', interface: network.interface, name: '', namespace, pod }
    return [{ labels, value: read(network), atMs: node.atMs }]
  })
}
