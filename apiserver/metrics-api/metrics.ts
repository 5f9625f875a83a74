/** NodeMetrics and PodMetrics: what kubelets measure, shown as objects. */
import type { Node } from '#api/kinds/core/node.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import { quantityFromUnits } from '#api/quantity.ts'
import { notFound } from '#api/status.ts'
import { epochToTime } from '#api/time.ts'
import type { ResourceContext, ServerParts } from '../request-context.ts'
import type { Resource } from '../resources.ts'
import { entryResult, type Result } from '../result.ts'
import { selectionOf } from '../selection.ts'
import type { Entry } from '../store/store.ts'
import { type ApiObject, storedBytes } from '../stored-object.ts'
import { resourceNamed } from '../streams/stored-kind.ts'
import { type Rate, rateOf, type Usage } from './node-summary.ts'
import type { Measured } from './node-usage.ts'

/** Kubelets that are asked at once. */
const CALLS_MAX = 32

export async function nodeMetrics(
  context: ResourceContext,
  parts: ServerParts,
  resource: Resource,
): Promise<Result> {
  const nodes = wanted<Node>(context, parts, 'nodes')
  const measured = await measure(
    parts,
    nodes.map(({ object }) => object),
  )
  return answer(context, parts, resource, 'nodemetrics', nodes, (node) => {
    const each = measured.get(node.metadata.name)
    return each && figuresOfNode(each)
  })
}

export async function podMetrics(
  context: ResourceContext,
  parts: ServerParts,
  resource: Resource,
): Promise<Result> {
  const pods = wanted<Pod>(context, parts, 'pods').filter(({ object }) => isRunning(object))
  const names = new Set(pods.map(({ object }) => object.spec.nodeName ?? ''))
  const measured = await measure(parts, nodesNamed(parts, names))
  return answer(context, parts, resource, 'podmetrics', pods, (pod) => {
    const each = measured.get(pod.spec.nodeName ?? '')
    return each && figuresOfPod(pod, each)
  })
}

const isRunning = ({ status }: Pod): boolean => status.phase === 'Running'

interface Stored<T> {
  readonly entry: Entry
  readonly object: T
}

/** The nodes or pods themselves, by the selectors of the request. */
function wanted<T>(
  context: ResourceContext,
  parts: ServerParts,
  plural: string,
): readonly Stored<T>[] {
  const resource = resourceNamed(parts, '', plural)
  const { prefix, select } = selectionOf(context, resource)
  if (!prefix.endsWith('/')) {
    const entry = parts.store.get(prefix)
    if (!entry && context.info.name) throw notFound(resource, context.info.name)
    return entry && (select?.(entry) ?? true) ? [parsed(resource, entry)] : []
  }
  const { entries } = parts.store.list(prefix, { ...(select && { select }) })
  return entries.map((entry) => parsed<T>(resource, entry))
}

const parsed = <T>(resource: Resource, entry: Entry): Stored<T> => ({
  entry,
  object: resource.parse(entry) as T,
})

function nodesNamed(parts: ServerParts, names: ReadonlySet<string>): readonly Node[] {
  const resource = resourceNamed(parts, '', 'nodes')
  return [...names].flatMap((name) => {
    const entry = name ? parts.store.get(resource.keyOf('', name)) : undefined
    return entry ? [resource.parse(entry) as unknown as Node] : []
  })
}

async function measure(
  { usage }: ServerParts,
  nodes: readonly Node[],
): Promise<ReadonlyMap<string, Measured>> {
  const measured = new Map<string, Measured>()
  const left = nodes.values()
  const ask = async (): Promise<void> => {
    for (const node of left) {
      const found = await usage.of(node)
      if (found) measured.set(node.metadata.name, found)
    }
  }
  await Promise.all(Array.from({ length: CALLS_MAX }, ask))
  return measured
}

interface Figures {
  readonly timestamp: string
  readonly window: string
}

function figuresOfNode({ before, now }: Measured): object | undefined {
  const rate = now.node && rateOf(before?.node, now.node)
  return rate && { ...figures(now.node!, rate), usage: amounts(now.node!, rate) }
}

/** A pod counts when there are figures of all its containers that run. */
function figuresOfPod({ metadata, status }: Pod, { before, now }: Measured): object | undefined {
  const pod = now.pods.get(metadata.uid)
  if (!pod || pod.containers.size === 0) return undefined
  const statuses = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])]
  const running = statuses.filter(({ state }) => state?.running)
  if (!running.every(({ name }) => pod.containers.has(name))) return undefined
  const earlier = before?.pods.get(metadata.uid)?.containers
  const rated = Array.from(pod.containers, ([name, usage]) => ({
    ...{ name, usage, rate: rateOf(earlier?.get(name), usage) },
  }))
  const [first] = rated
  if (!first?.rate || !rated.every(({ rate }) => rate)) return undefined
  const containers = rated.map(({ name, usage, rate }) => ({ name, usage: amounts(usage, rate!) }))
  return { ...figures(first.usage, first.rate), containers }
}

const figures = ({ atMs }: Usage, { windowMs }: Rate): Figures => ({
  timestamp: epochToTime(Math.floor(atMs / 1000)),
  window: `${windowMs / 1000}s`,
})

const amounts = ({ workingSetBytes }: Usage, { nanoCores }: Rate) => ({
  cpu: nanoCores === 0 ? '0' : `${nanoCores}n`,
  memory: quantityFromUnits(workingSetBytes, 'BinarySI').text,
})

function answer<T extends Node | Pod>(
  { info }: ResourceContext,
  { store, clock }: ServerParts,
  resource: Resource,
  name: string,
  stored: readonly Stored<T>[],
  figuresFor: (object: T) => object | undefined,
): Result {
  const now = epochToTime(Math.floor(clock.now() / 1000))
  const entries = stored.flatMap(({ entry, object }) => {
    const found = figuresFor(object)
    return found ? [entryOf(resource, entry, object, found, now)] : []
  })
  if (!info.name) return { type: 'list', resource, entries, revision: store.revision }
  const [entry] = entries
  if (entry) return entryResult(200, resource, entry)
  const whole = info.namespace ? `${info.namespace}/${info.name}` : info.name
  throw notFound({ group: resource.group, plural: name }, whole)
}

/** As if it were stored, so that it can be shown in every form; named as what it is about. */
function entryOf(
  resource: Resource,
  entry: Entry,
  { metadata }: Node | Pod,
  found: object,
  creationTimestamp: string,
): Entry {
  const { name, namespace = '', labels } = metadata
  const { kind } = resource
  const object = {
    kind: kind.kind,
    apiVersion: kind.apiVersion,
    metadata: {
      name,
      ...(namespace && { namespace }),
      creationTimestamp,
      ...(labels && { labels }),
    },
    ...found,
  } as unknown as ApiObject
  return { ...entry, key: resource.keyOf(namespace, name), value: storedBytes(kind, object) }
}
