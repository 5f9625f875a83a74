/** A real API server, and a kube-proxy for each node that is a network namespace. */
import { Node } from '#api/kinds/core/node.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { Service } from '#api/kinds/core/service.ts'
import { EndpointSlice } from '#api/kinds/discovery/endpoint-slice.ts'
import type { Input } from '#api/schema.ts'
import { Lan, type NodeSpace, type PodSpace } from '#bench/netns.ts'
import { Connection } from '#client/connection.ts'
import { EventReporter } from '#client/events.ts'
import { InformerSet } from '#client/informer-set.ts'
import { MultiplexedWatches } from '#client/multiplex.ts'
import { Client } from '#client/rest.ts'
import { systemClock as clock } from '#daemon/clock.ts'
import { createMetrics } from '#daemon/metrics.ts'
import { systemRandom as random } from '#daemon/random.ts'
import { AddressHolder } from '#kube-proxy/address-holder.ts'
import { systemCommands } from '#kube-proxy/commands.ts'
import { HealthChecks } from '#kube-proxy/health-checks.ts'
import { NodeRoutes } from '#kube-proxy/node-routes.ts'
import { ServiceProxy } from '#kube-proxy/proxy.ts'
import { proxyMetrics } from '#kube-proxy/proxy-metrics.ts'
import type { Overlay } from '#kube-proxy/routes.ts'
import { startTestServer } from './api-server.ts'
import { collectingLog } from './collecting-log.ts'

const POD_CIDR = '10.244.0.0/16'
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export interface NodeProxy extends AsyncDisposable {
  readonly proxy: ServiceProxy
  readonly informers: InformerSet
  readonly routes: NodeRoutes
  readonly holder: AddressHolder
}

export class ProxiedCluster implements AsyncDisposable {
  readonly lan: Lan
  readonly client: Client
  readonly logged: string[]
  readonly nodes: NodeSpace[] = []
  readonly proxies: (NodeProxy | undefined)[] = []
  readonly #stack: AsyncDisposableStack
  readonly #connection: Connection

  constructor(stack: AsyncDisposableStack, lan: Lan, connection: Connection, logged: string[]) {
    this.#stack = stack
    this.#connection = connection
    this.lan = lan
    this.logged = logged
    this.client = new Client({ connection, namespace: 'default' })
  }

  async addNode(index: number, overlay: Exclude<Overlay, 'none'> = 'auto'): Promise<NodeSpace> {
    return await this.#join(index, this.lan.addNode(index), overlay)
  }

  /** On another link than the others. */
  async addFarNode(index: number): Promise<NodeSpace> {
    return await this.#join(index, this.lan.addFarNode(index), 'auto')
  }

  async #join(
    index: number,
    node: NodeSpace,
    overlay: Exclude<Overlay, 'none'>,
  ): Promise<NodeSpace> {
    this.nodes[index] = node
    await this.client.create(Node, {
      metadata: { name: `n${index}` },
      spec: { podCIDR: node.podCidr },
      status: {
        addresses: [{ type: 'InternalIP', address: node.address }],
        conditions: [{ type: 'Ready', status: 'True' }],
      },
    })
    await this.startProxy(index, overlay)
    return node
  }

  async startProxy(index: number, overlay: Exclude<Overlay, 'none'> = 'auto'): Promise<NodeProxy> {
    const { client } = this
    const nodeName = `n${index}`
    const log = collectingLog(this.logged)
    const stack = new AsyncDisposableStack()
    const transport = stack.use(new MultiplexedWatches(this.#connection))
    const informers = stack.use(new InformerSet({ client, transport, clock, random, log }))
    const prefix = ['ip', 'netns', 'exec', this.nodes[index]!.space.name]
    const commands = systemCommands({ environment: process.env, prefix })
    const events = stack.use(new EventReporter({ client, clock, random, log })).for('kube-proxy')
    const metrics = proxyMetrics(createMetrics(), clock)
    const healthChecks = stack.use(
      new HealthChecks({
        log,
        host: '127.0.0.1',
        isProxyHealthy: () => metrics.isHealthy,
        events,
        nodeName,
      }),
    )
    const families = ['IPv4'] as const
    const settings = {
      nodeName,
      families,
      podCidrs: { IPv4: [POD_CIDR], IPv6: [] },
      nodePortAddresses: ['primary'],
      masqueradeAll: false,
      pauseMs: 0,
    }
    const parts = { informers, commands, events, healthChecks, metrics, clock, random, log }
    const routes = stack.use(new NodeRoutes({ ...parts, nodeName, families, overlay }))
    const proxy = stack.use(new ServiceProxy({ ...parts, settings }))
    const { signal } = new AbortController()
    const holder = stack.use(new AddressHolder({ ...parts, nodeName }))
    await Promise.all([proxy.start(signal), routes.start(signal), holder.start(signal)])
    const started = {
      proxy,
      informers,
      routes,
      holder,
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    }
    this.proxies[index] = started
    return started
  }

  async stopProxy(index: number): Promise<void> {
    const proxy = this.proxies[index]
    this.proxies[index] = undefined
    await proxy?.[Symbol.asyncDispose]()
  }

  /** A pod that runs: in its namespace, and as an object. */
  async addPod(
    index: number,
    name: string,
    last: number,
    ports: { containerPort: number; hostPort: number; protocol?: 'TCP' | 'UDP' }[] = [],
  ): Promise<PodSpace> {
    const pod = await this.lan.addPod(this.nodes[index]!, name, last)
    const containers = [{ name: 'main', image: 'image', ports }]
    await this.client.create(Pod, {
      metadata: { name },
      spec: { nodeName: `n${index}`, containers },
    })
    const status = { phase: 'Running', podIP: pod.address, podIPs: [{ ip: pod.address }] }
    await this.client.patch(Pod, { name }, { status }, { subresource: 'status' })
    return pod
  }

  async service(name: string, spec: Spec): Promise<Service> {
    return await this.client.create(Service, { metadata: { name }, spec })
  }

  /** The endpoints of a Service, as `node/pod`, with what differs from being ready. */
  async endpoints(service: string, pods: readonly string[], more: EndpointInput = {}) {
    const { protocol = 'TCP', port = 8080, ...rest } = more
    const endpoints = pods.map((each) => {
      const [nodeName, pod] = each.split('/') as [string, string]
      const { address } = this.nodes[Number(nodeName.slice(1))]!.pods.get(pod)!
      return { addresses: [address], nodeName, conditions: { ready: true }, ...rest }
    })
    const metadata = {
      name: `${service}-1`,
      labels: { 'kubernetes.io/service-name': service },
    }
    const ports = [{ name: '', port, protocol }]
    const body = { metadata, addressType: 'IPv4' as const, endpoints, ports }
    const found = await this.client.find(EndpointSlice, metadata)
    if (found) return await this.client.update(EndpointSlice, { ...found, endpoints, ports })
    return await this.client.create(EndpointSlice, body)
  }

  /** Resolves when every proxy has seen everything, and its rules follow. */
  async settle(): Promise<void> {
    for (const proxy of this.proxies) {
      if (!proxy) continue
      for (const { resource, selectors, cache } of proxy.informers.all) {
        const wanted = await this.client.list(resource, selectors)
        const versions = wanted.map((each) => each.metadata.resourceVersion).sort()
        const shown = (): string[] =>
          cache
            .list()
            .map(({ metadata }) => metadata.resourceVersion)
            .sort()
        while (shown().join() !== versions.join()) await turn()
      }
      await proxy.proxy.settled()
      await proxy.routes.settled()
      await proxy.holder.settled()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const proxy of this.proxies) await proxy?.[Symbol.asyncDispose]()
    await this.#stack[Symbol.asyncDispose]()
  }
}

interface EndpointInput {
  readonly protocol?: 'TCP' | 'UDP'
  readonly port?: number
  readonly conditions?: { ready?: boolean; serving?: boolean; terminating?: boolean }
}

type Spec = NonNullable<Input<typeof Service>['spec']>

export async function startProxiedCluster(): Promise<ProxiedCluster> {
  const stack = new AsyncDisposableStack()
  const lan = stack.use(new Lan())
  const server = stack.use(await startTestServer())
  const connection = stack.use(new Connection({ server: server.url, userAgent: 'tester', clock }))
  return new ProxiedCluster(stack, lan, connection, [])
}
