/** Starts pods for as long as it lives, which is until somebody kills it. */
import { systemClock } from '#daemon/clock.ts'
import { startDockerRuntime } from '#kubelet/docker/docker-runtime.ts'
import { collectingLog } from '../collecting-log.ts'
import { podIdentity, startPod } from '../runtime/specs.ts'

const [cluster = '', namespace = '', image = '', rootDirectory = ''] = process.argv.slice(2)

await using runtime = await startDockerRuntime({
  cluster,
  node: 'node-1',
  engineAddress: '/var/run/docker.sock',
  rootDirectory,
  clock: systemClock,
  log: collectingLog([]),
  nodeNetwork: { type: 'namespace', path: namespace },
  podCidrs: () => ['10.244.201.0/24'],
  containerLogs: { maxBytes: 1024 * 1024, maxFiles: 2 },
  onLack: () => undefined,
})
process.stdout.write('begins\n')
for (let round = 0; ; round++) {
  const started = ['a', 'b'].map((name) => {
    const pod = podIdentity(`${name}${round}`)
    const more = { memoryVolumes: [{ name: 'm' }], cgroupParent: `/${cluster}/${pod.name}` }
    return startPod(runtime, image, pod, {}, more)
  })
  await Promise.all(started)
}
