/** A real API server and the scheduler in one process, on a clock that the test moves. */

import { Node } from '#api/kinds/core/node.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { Event } from '#api/kinds/events/event.ts'
import type { Input } from '#api/schema.ts'
import { SeriesReporter } from '#client/event-series.ts'
import type { Informer } from '#client/informer.ts'
import type { ApiObject } from '#client/resource.ts'
import type { Client } from '#client/rest.ts'
import { ManualClock } from '#daemon/clock.ts'
import { defaultProfile } from '#scheduler/profile.ts'
import { Scheduler, type SchedulerParts } from '#scheduler/scheduler.ts'
import { startTestServer, type TestServer } from './api-server.ts'
import { connect } from './connect.ts'

export interface SchedulingCluster extends AsyncDisposable {
  readonly client: Client
  readonly clock: ManualClock
  readonly scheduler: Scheduler
  readonly logged: readonly string[]
  /** Resolves when the scheduler has seen everything, and has nothing to try or to write. */
  settle(): Promise<void>
  addNode(name: string, options?: NodeOptions): Promise<Node>
  addPod(name: string, spec?: Partial<PodSpecInput>, labels?: Labels): Promise<Pod>
  /** The node of a pod; empty while it has none. */
  nodeOf(name: string): Promise<string>
  /** What was reported about a pod, as `reason: note`. */
  eventsOf(name: string): Promise<string[]>
}

type Labels = Readonly<Record<string, string>>
type PodSpecInput = NonNullable<Input<typeof Pod>['spec']>

export interface NodeOptions {
  readonly labels?: Labels
  readonly allocatable?: Labels
  readonly spec?: NonNullable<Input<typeof Node>['spec']>
}

const QUIET_TURNS = 5

export async function startSchedulingCluster(
  options: Pick<Partial<SchedulerParts>, 'profiles' | 'extenders'> = {},
): Promise<SchedulingCluster> {
  const { profiles = [defaultProfile], extenders = [] } = options
  const clock = new ManualClock()
  await using stack = new AsyncDisposableStack()
  // Nobody here would take the taint off that says that a new node is not ready.
  const admission = { disable: ['ServiceAccount', 'TaintNodesByCondition'] }
  const server = stack.use(await startTestServer({ clock, settings: { admission } }))
  const connected = stack.use(
    connect(server.url, { clock, namespace: 'default', carrier: 'socket' }),
  )
  const { client, log, logged, random, informers } = connected
  const reporter = stack.use(
    new SeriesReporter({ client, clock, log, controller: 'default-scheduler', instance: 'test' }),
  )
  const events = () => reporter
  const parts = { client, informers, events, clock, random, log, profiles, extenders }
  const scheduler = stack.use(new Scheduler(parts))
  await scheduler.start(new AbortController().signal)
  const everything = stack.move()
  const isQuiet = (): boolean =>
    scheduler.isIdle && informers.all.every((each) => isUpToDate(each, server))
  return {
    client,
    clock,
    scheduler,
    logged,
    async settle() {
      for (let quiet = 0; quiet < QUIET_TURNS; ) {
        await new Promise((resolve) => setImmediate(resolve))
        quiet = isQuiet() ? quiet + 1 : 0
      }
      await reporter.settled()
    },
    addNode: (name, node) => client.create(Node, nodeNamed(name, node)),
    addPod: (name, spec, labels = {}) =>
      client.create(Pod, {
        metadata: { name, namespace: 'default', labels },
        spec: { containers: [{ name: 'main', image: 'image' }], ...spec },
      }),
    nodeOf: async (name) =>
      (await client.get(Pod, { name, namespace: 'default' })).spec.nodeName ?? '',
    async eventsOf(name) {
      const all = await client.list(Event, { namespace: 'default' })
      return all
        .filter(({ regarding }) => regarding?.name === name)
        .map(({ reason, note }) => `${reason}: ${note}`)
    },
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  }
}

function nodeNamed(name: string, { labels, allocatable, spec }: NodeOptions = {}) {
  const resources = { cpu: '4', memory: '8Gi', pods: '110', ...allocatable }
  return {
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
    ...(spec && { spec }),
    status: { capacity: resources, allocatable: resources },
  }
}

function isUpToDate(informer: Informer<ApiObject>, { parts }: TestServer): boolean {
  const { group, version, plural = '' } = informer.resource
  const resource = parts.resources.find(group, version, plural)!
  const entries = parts.store.list(resource.prefix).entries
  const shown = entries.map((entry) => resource.parse(entry)).filter((each) => informer.shows(each))
  if (shown.length !== informer.cache.size) return false
  return shown.every(
    ({ metadata }) =>
      informer.cache.get(metadata)?.metadata.resourceVersion === metadata.resourceVersion,
  )
}
