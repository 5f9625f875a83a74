/** kube-proxy as a process: the network of one node, in the network namespace that it runs in. */
import { type IpFamily, parseCidr } from '#api/ip.ts'
import { Node } from '#api/kinds/core/node.ts'
import { sharedInformers, startComponent } from '#client/component.ts'
import { EventReporter } from '#client/events.ts'
import { systemHost } from '#daemon/host.ts'
import { hostName } from '#daemon/network.ts'
import { runService, type ServiceContext } from '#daemon/service.ts'
import { kubernetesVersion } from '#daemon/version.ts'
import { AddressHolder } from './address-holder.ts'
import { systemCommands } from './commands.ts'
import { addressAndPort, type Flags, flags } from './flags.ts'
import { HealthChecks } from './health-checks.ts'
import { startNodeHealth } from './node-health.ts'
import { NodeRoutes } from './node-routes.ts'
import { type ProxySettings, ServiceProxy } from './proxy.ts'
import { proxyMetrics } from './proxy-metrics.ts'

const GRACE_MS = 10_000

await runService({
  name: 'kube-proxy',
  summary: 'Brings traffic to Services and between nodes, by the rules and routes of this node.',
  version: kubernetesVersion.text,
  options: flags,
  graceMs: GRACE_MS,
  start,
})

async function start(values: Flags, context: ServiceContext): Promise<AsyncDisposable> {
  const { clock, random, log, signal } = context
  const settings = settingsOf(values)
  const { nodeName, families } = settings
  await using started = new AsyncDisposableStack()
  const { kubeconfig } = values
  const monitoring = addressAndPort('metrics-bind-address', values.metricsBindAddress)
  const component = started.use(
    await startComponent({ userAgent: 'kube-proxy', kubeconfig, monitoring }, context),
  )
  const { client, health, metrics } = component
  const informers = sharedInformers(client, context, started)
  const reporter = started.use(new EventReporter({ client, clock, random, log, host: nodeName }))
  const events = reporter.for('kube-proxy')
  const figures = proxyMetrics(metrics, clock)
  health.add('rules', () => {
    if (!figures.isHealthy) throw new Error('the rules of this node are not up to date')
  })
  const commands = systemCommands({ environment: systemHost.environment })
  const nodes = informers.get(Node)
  const isProxyHealthy = (): boolean => figures.isHealthy
  const healthChecks = started.use(new HealthChecks({ log, events, nodeName, isProxyHealthy }))
  if (values.healthzBindAddress) {
    const answers = metrics.counter<'code'>({
      name: 'kubeproxy_proxy_healthz_total',
      help: 'Answers to balancers that ask for the health of this node, by code.',
      labels: ['code'],
    })
    const answered = (code: number): void => answers.inc({ code: String(code) })
    const node = (): Node | undefined => nodes.cache.get({ name: nodeName })
    const address = addressAndPort('healthz-bind-address', values.healthzBindAddress)
    started.use(await startNodeHealth({ clock, log, figures, node, answered }, address))
  }
  const parts = { informers, commands, clock, random, log }
  if (values.overlay !== 'none') {
    const { overlay } = values
    const routes = started.use(new NodeRoutes({ ...parts, nodeName, families, overlay }))
    await routes.start(signal)
  }
  const metered = { ...parts, metrics: figures, events, healthChecks, settings }
  await started.use(new ServiceProxy(metered)).start(signal)
  if (values.balancerAddresses === 'hold') {
    await started.use(new AddressHolder({ ...parts, nodeName })).start(signal)
  }
  const running = started.move()
  return { [Symbol.asyncDispose]: () => running.disposeAsync() }
}

function settingsOf(values: Flags): ProxySettings {
  const ranges = values.clusterCidr.map((text) => ({ text, family: familyOf(text) }))
  const of = (wanted: IpFamily): string[] =>
    ranges.filter(({ family }) => family === wanted).map(({ text }) => text)
  const podCidrs = { IPv4: of('IPv4'), IPv6: of('IPv6') }
  const both = ['IPv4', 'IPv6'] as const
  return {
    nodeName: (values.hostnameOverride ?? hostName()).trim().toLowerCase(),
    families: ranges.length === 0 ? ['IPv4'] : both.filter((each) => podCidrs[each].length > 0),
    podCidrs,
    nodePortAddresses: values.nodeportAddresses,
    masqueradeAll: values.masqueradeAll,
    pauseMs: values.minSyncPeriod,
  }
}

function familyOf(text: string): IpFamily {
  const cidr = parseCidr(text)
  if (!cidr)
    throw new Error(`--cluster-cidr: found "${text}", wanted a range such as 10.244.0.0/16`)
  return cidr.ip.family
}
