/** What a kubelet says that its node and pods use, as far as metrics need it. */

export interface Usage {
  /** Milliseconds since 1970. */
  readonly atMs: number
  /** Over all time. */
  readonly cpuNs: number
  /** As the kubelet has measured it; not there for what has just begun. */
  readonly nanoCores: number | undefined
  readonly workingSetBytes: number
}

export interface PodUsage {
  readonly uid: string
  readonly containers: ReadonlyMap<string, Usage>
}

export interface NodeSummary {
  readonly node: Usage | undefined
  readonly pods: ReadonlyMap<string, PodUsage>
}

type Fields = Readonly<Record<string, unknown>>

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {}

const listOf = (value: unknown): readonly Fields[] =>
  Array.isArray(value) ? value.map(fieldsOf) : []

const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : undefined

/** Of `/stats/summary`. What is incomplete counts as not known. */
export function readSummary(document: unknown): NodeSummary {
  const { node, pods } = fieldsOf(document)
  const known = listOf(pods).map((pod): PodUsage => {
    const uid = String(fieldsOf(pod.podRef).uid ?? '')
    const containers = listOf(pod.containers).flatMap((container) => {
      const usage = usageOf(container)
      return usage ? [[String(container.name), usage] as const] : []
    })
    return { uid, containers: new Map(containers) }
  })
  return { node: usageOf(fieldsOf(node)), pods: new Map(known.map((pod) => [pod.uid, pod])) }
}

function usageOf({ cpu, memory }: Fields): Usage | undefined {
  const { time, usageCoreNanoSeconds, usageNanoCores } = fieldsOf(cpu)
  const cpuNs = numberOf(usageCoreNanoSeconds)
  const workingSetBytes = numberOf(fieldsOf(memory).workingSetBytes)
  const atMs = Date.parse(String(time))
  if (cpuNs === undefined || workingSetBytes === undefined || Number.isNaN(atMs)) return undefined
  return { atMs, cpuNs, workingSetBytes, nanoCores: numberOf(usageNanoCores) }
}

export interface Rate {
  readonly nanoCores: number
  readonly windowMs: number
}

/** A rate that the kubelet gives is one over a second at least. */
const KUBELET_WINDOW_MS = 1000

/** Between two measurements, or else as the kubelet says; undefined while nobody can tell. */
export function rateOf(before: Usage | undefined, now: Usage): Rate | undefined {
  const windowMs = before ? now.atMs - before.atMs : 0
  if (before && windowMs > 0 && now.cpuNs >= before.cpuNs) {
    const nanoCores = Math.round(((now.cpuNs - before.cpuNs) / windowMs) * 1000)
    return { nanoCores, windowMs }
  }
  if (now.nanoCores === undefined) return undefined
  return { nanoCores: now.nanoCores, windowMs: KUBELET_WINDOW_MS }
}
