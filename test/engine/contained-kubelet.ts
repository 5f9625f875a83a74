/** A runtime as a kubelet has it inside the container of its node; says what it has seen. */
import { writeFileSync } from 'node:fs'
import { systemClock } from '#daemon/clock.ts'
import { startDockerRuntime } from '#kubelet/docker/docker-runtime.ts'
import { collectingLog } from '../collecting-log.ts'
import { outputOf } from '../runtime/reading.ts'
import { podIdentity, removePod, startPod } from '../runtime/specs.ts'

const [cluster = '', nodeContainer = '', image = '', folder = ''] = process.argv.slice(2)

await using runtime = await startDockerRuntime({
  cluster,
  node: 'node-1',
  engineAddress: '/var/run/docker.sock',
  rootDirectory: folder,
  clock: systemClock,
  log: collectingLog([]),
  nodeNetwork: { type: 'container', id: nodeContainer },
  podCidrs: () => ['10.244.205.0/24'],
  containerLogs: { maxBytes: 1024 * 1024, maxFiles: 2 },
  onLack: () => undefined,
})
const [pod, host] = [podIdentity('inside'), podIdentity('host')]
const { id } = await startPod(runtime, image, pod, {}, { cgroupParent: `/${cluster}/pod` })
const network = { network: 'node', hostname: 'my-node' } as const
const onHost = await startPod(runtime, image, host, {}, network)
const addresses = "hostname; ip -4 -o addr | awk '{print $2, $4}'"
const seen = {
  reached: await outputOf(runtime, id, 'ping -c 1 -W 2 10.244.205.1 > /dev/null && echo yes'),
  node: await outputOf(runtime, onHost.id, addresses),
  ready: (await runtime.list()).flatMap(({ sandboxes }) => sandboxes.map((each) => each.isReady)),
  figures: (await runtime.figures()).map(({ containers }) => containers.length),
}
writeFileSync(`${folder}/seen.json`, JSON.stringify(seen))
await removePod(runtime, pod)
await removePod(runtime, host)
