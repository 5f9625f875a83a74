/** What the server counts, under upstream's names. */
import { addProcessMetrics, createMetrics, type Metrics } from '#daemon/metrics.ts'
import type { RequestInfo } from './request-info.ts'
import type { ResourceTable } from './resources.ts'
import type { Store } from './store/store.ts'
import { versionInfo } from './version.ts'

const requestLabels = [
  'verb',
  'dry_run',
  'group',
  'version',
  'resource',
  'subresource',
  'scope',
  'component',
] as const

/** Seconds, as upstream. */
const durations = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45,
  60,
]

export type RequestKind = 'readOnly' | 'mutating'

export class ServerMetrics {
  readonly #metrics: Metrics = createMetrics()
  readonly #total
  readonly #seconds
  readonly #current
  readonly #longRunning
  readonly #rejected

  constructor(store: Store, resources: ResourceTable) {
    const metrics = this.#metrics
    this.#total = metrics.counter({
      name: 'apiserver_request_total',
      help: 'Requests that were answered, by verb, resource and code.',
      labels: [...requestLabels, 'code'],
    })
    this.#seconds = metrics.histogram({
      name: 'apiserver_request_duration_seconds',
      help: 'Time from the head of a request to the end of its answer.',
      labels: requestLabels,
      buckets: durations,
    })
    this.#current = metrics.gauge({
      name: 'apiserver_current_inflight_requests',
      help: 'Requests that are being answered, long-running ones left out.',
      labels: ['request_kind'],
    })
    this.#longRunning = metrics.gauge({
      name: 'apiserver_longrunning_requests',
      help: 'Watches and streams that are open.',
      labels: requestLabels.filter((label) => label !== 'dry_run'),
    })
    this.#rejected = metrics.counter({
      name: 'apiserver_dropped_requests_total',
      help: 'Requests refused because too many others were being answered.',
      labels: ['request_kind'],
    })
    addBuildInfo(metrics)
    addStoreMetrics(metrics, store, resources)
    addProcessMetrics(metrics)
  }

  answered(info: RequestInfo, code: number, seconds: number): void {
    const labels = labelsOf(info)
    this.#total.inc({ ...labels, code: String(code) })
    this.#seconds.observe(labels, seconds)
  }

  rejected(kind: RequestKind): void {
    this.#rejected.inc({ request_kind: kind })
  }

  inFlight(kind: RequestKind, change: 1 | -1): void {
    this.#current.inc({ request_kind: kind }, change)
  }

  longRunning(info: RequestInfo, change: 1 | -1): void {
    const { dry_run: _, ...labels } = labelsOf(info)
    this.#longRunning.inc(labels, change)
  }

  text(): Promise<string> {
    return this.#metrics.text()
  }

  get contentType(): string {
    return this.#metrics.contentType
  }
}

/** The HTTP methods of verbs, and lists and watches by their own names. */
const verbNames = {
  get: 'GET',
  list: 'LIST',
  watch: 'WATCH',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
} as const

const component = 'apiserver'

function labelsOf(info: RequestInfo) {
  if (!info.isResource) {
    // Any path may be asked for, so paths are no labels.
    const verb = ['get', 'head', 'post', 'put', 'delete'].includes(info.verb) ? info.verb : 'other'
    const none = { group: '', version: '', resource: '', subresource: '', scope: '' }
    return { verb: verb.toUpperCase(), dry_run: '', ...none, component }
  }
  const { verb, group, version, resource, subresource, name, namespace } = info
  return {
    verb: verb === 'patch' && isApply(info) ? 'APPLY' : verbNames[verb],
    dry_run: info.query.has('dryRun') ? 'All' : '',
    group,
    version,
    resource,
    subresource,
    scope: name ? 'resource' : namespace ? 'namespace' : 'cluster',
    component,
  }
}

/** Only an apply request names a manager and may force. */
const isApply = ({ query }: RequestInfo): boolean => query.has('fieldManager') && query.has('force')

function addBuildInfo(metrics: Metrics): void {
  const { major, minor, gitVersion, platform } = versionInfo
  const labels = { major, minor, git_version: gitVersion, platform }
  metrics.gauge({
    name: 'kubernetes_build_info',
    help: 'The version of the server; always 1.',
    labels: ['major', 'minor', 'git_version', 'platform'],
    readAll: () => [[labels, 1]],
  })
}

function addStoreMetrics(metrics: Metrics, store: Store, resources: ResourceTable): void {
  metrics.gauge({
    name: 'apiserver_storage_objects',
    help: 'Stored objects of each resource.',
    labels: ['resource'],
    readAll: () => objectCounts(store, resources),
  })
  const read = (figure: (statistics: ReturnType<Store['statistics']>) => number) => (): number =>
    figure(store.statistics())
  const figures: readonly [name: string, help: string, read: () => number][] = [
    ['apiserver_storage_size_bytes', 'Bytes of the store on disk.', read((s) => s.diskBytes)],
    ['nanokube_store_revision', 'The newest revision.', read((s) => s.revision)],
    ['nanokube_store_oldest_revision', 'Watches resume from here.', read((s) => s.oldestRevision)],
    ['nanokube_store_keys', 'Keys in the newest revision.', read((s) => s.keys)],
    ['nanokube_store_value_bytes', 'Bytes of kept values.', read((s) => s.valueBytes)],
    ['nanokube_store_reserved_bytes', 'Memory for values.', read((s) => s.reservedBytes)],
    ['nanokube_store_history_changes', 'Changes kept.', read((s) => s.historyChanges)],
    ['nanokube_store_history_bytes', 'Bytes of older values.', read((s) => s.historyBytes)],
    ['nanokube_store_watches', 'Watches that are open.', read((s) => s.watches)],
    ['nanokube_store_watches_behind', 'Watches that lag.', read((s) => s.watchesBehind)],
  ]
  for (const [name, help, read] of figures) metrics.gauge({ name, help, read })
  metrics.counter({
    name: 'nanokube_store_commits_total',
    help: 'Revisions that were written.',
    readTotal: read((s) => s.commits),
  })
  metrics.counter({
    name: 'nanokube_store_flushes_total',
    help: 'Flushes to disk; many commits share one.',
    readTotal: read((s) => s.flushes),
  })
}

function* objectCounts(store: Store, resources: ResourceTable) {
  const counted = new Set<string>()
  for (const resource of resources.all()) {
    const { group, plural, prefix, kind } = resource
    // Two versions of a kind share their objects.
    if (!kind.verbs.includes('list') || counted.has(prefix)) continue
    counted.add(prefix)
    yield [{ resource: group ? `${plural}.${group}` : plural }, store.count(prefix)] as const
  }
}
