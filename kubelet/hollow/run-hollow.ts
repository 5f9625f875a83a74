/** Runs many nodes in one process that share a connection, one watch on pods and one on nodes. */
import { Node } from '#api/kinds/core/node.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { parseQuantity, quantityValue } from '#api/quantity.ts'
import { EventReporter } from '#client/events.ts'
import { InformerSet } from '#client/informer-set.ts'
import { MultiplexedWatches } from '#client/multiplex.ts'
import type { Flags } from '../flags.ts'
import type { NodeSettings } from '../node/node-facts.ts'
import type { RunParts } from '../node/open-parts.ts'
import { nodeSettings } from '../node/settings.ts'
import { SharedPodFeed } from '../pod-feed.ts'
import { HollowNode } from './hollow-node.ts'
import { HollowServer } from './hollow-server.ts'

/** Registered at once; more would only wait for the API server. */
const STARTS_MAX = 16
const BEHAVIOUR_PERCENT = 100

export async function startHollowNodes(
  values: Flags,
  parts: RunParts,
  signal: AbortSignal,
): Promise<AsyncDisposable> {
  const { client, clock, random, log } = parts
  await using started = new AsyncDisposableStack()
  const transport = started.use(new MultiplexedWatches(client.connection))
  const informers = started.use(new InformerSet({ client, transport, clock, random, log }))
  const nodes = informers.get(Node)
  const feed = started.use(new SharedPodFeed(informers.get(Pod)))
  const settings = nodeSettings(values)
  const server = started.use(new HollowServer(values, parts, settings))
  const hollow = {
    behaviour: { startDelayMs: values.hollowStartDelay },
    failureShare: values.hollowFailurePercent / BEHAVIOUR_PERCENT,
    cpus: values.hollowCpus,
    memoryBytes: Number(quantityValue(parseQuantity(values.hollowMemory))),
  }
  await informers.synced(signal)
  const all = Array.from({ length: values.hollowNodes }, (_, number) => {
    const name = `${settings.name}-${number}`
    const reporter = started.use(new EventReporter({ client, clock, random, log, host: name }))
    const node = new HollowNode({
      ...{ client, clock, random, log, hollow, number },
      events: reporter.for('kubelet'),
      feed: feed.of(name),
      seen: () => nodes.cache.get({ name }),
      settings: settingsOf(name, settings),
      serve: (each) => server.serve(each),
    })
    return started.use(node)
  })
  const waiting = [...all]
  const startNext = async (): Promise<void> => {
    for (let node = waiting.shift(); node; node = waiting.shift()) await node.start(signal)
  }
  await Promise.all(Array.from({ length: STARTS_MAX }, startNext))
  log.info('hollow nodes are at work', { count: all.length })
  const rest = started.move()
  return { [Symbol.asyncDispose]: () => rest.disposeAsync() }
}

const settingsOf = (name: string, { labels, addresses, ...rest }: NodeSettings): NodeSettings => ({
  ...rest,
  name,
  labels: { ...labels, type: 'hollow' },
  addresses: addresses.map((each) =>
    each.type === 'Hostname' ? { ...each, address: name } : each,
  ),
})
