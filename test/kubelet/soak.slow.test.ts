/** Pods come and go in random order while kubelet and Engine are killed: nothing may be left. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ConfigMap } from '#api/kinds/core/config-map.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { systemClock as clock } from '#daemon/clock.ts'
import { seededRandom } from '#daemon/random.ts'
import { OwnEngine } from '../engine/own-engine.ts'
import { NodeProcess, type Spec } from './node-process.ts'

const PODS = 60
const ALIVE_MAX = 10
/** Of all that the API still has: those that are going count too. */
const KNOWN_MAX = 16
/** After so many new pods the kubelet is killed, a moment later. */
const KUBELET_LIFE_PODS = 12
const KILL_DELAY_MAX_MS = 600
const SEED = 20
const PATIENCE_MS = 60_000

const untilAsked = 'trap "exit 0" TERM; while :; do sleep 0.2; done'

/** Every kind of pod that keeps something of the node. */
function specs(node: NodeProcess, name: string): readonly Spec[] {
  const memory = { name: 'memory', emptyDir: { medium: 'Memory' as const } }
  const shared = { name: 'shared', hostPath: { path: join(node.rootDirectory, 'shared') } }
  const mount = (volume: string) => ({ name: volume, mountPath: `/${volume}` })
  return [
    { containers: [node.script(untilAsked)] },
    {
      volumes: [
        memory,
        { name: 'disk', emptyDir: {} },
        { name: 'settings', configMap: { name: 'settings' } },
      ],
      containers: [
        node.script(`echo x > /memory/x; echo x > /disk/x; ${untilAsked}`, {
          volumeMounts: [mount('memory'), mount('disk'), mount('settings')],
        }),
      ],
    },
    {
      initContainers: [
        node.script('true', { name: 'first' }),
        node.script(untilAsked, { name: 'side', restartPolicy: 'Always' }),
      ],
      containers: [node.script(untilAsked), node.script(untilAsked, { name: 'other' })],
    },
    { hostNetwork: true, containers: [node.script(untilAsked)] },
    {
      restartPolicy: 'Never',
      volumes: [shared],
      containers: [node.script(`echo ran >> /shared/${name}`, { volumeMounts: [mount('shared')] })],
    },
  ]
}

test(`nothing is left of ${PODS} pods, and nothing of others is touched`, async () => {
  await using own = await OwnEngine.start(false)
  await using node = await NodeProcess.start({ enginePath: own.path })
  mkdirSync(join(node.rootDirectory, 'shared'))
  await node.client.create(ConfigMap, {
    metadata: { name: 'settings', namespace: 'default' },
    data: { colour: 'red' },
  })
  const docker = (...words: string[]): string =>
    execFileSync('docker', [`--host=unix://${own.path}`, ...words], { encoding: 'utf8' }).trim()
  plantForeign(docker, node)
  const before = inventory(docker)
  await churn(node, own)
  await expect.poll(() => knownPods(node), { timeout: PATIENCE_MS }).toEqual([])
  await expect.poll(() => inventory(docker), { timeout: PATIENCE_MS }).toEqual(before)
  await expect.poll(() => leftOnMachine(node), { timeout: 20_000 }).toEqual([])
  for (const name of readdirSync(join(node.rootDirectory, 'shared'))) {
    expect([name, node.file(`shared/${name}`)]).toEqual([name, 'ran\n'])
  }
  const complaints = node.output
    .join('')
    .split('\n')
    .filter((line) => /"level":"(error|fatal)"/.test(line))
  expect(complaints).toEqual([])
}, 600_000)

/** Things that look like ours as far as they can without being ours. */
function plantForeign(
  docker: (...words: string[]) => string,
  { image, cluster }: NodeProcess,
): void {
  const name = `k8s_main_stranger_default_00000000-0000-4000-8000-000000000000_0`
  docker('run', '-d', '--network=none', '--name', name, image, 'sleep', '100000')
  const labels = ['--label=io.nanokube.cluster=another', '--label=io.nanokube.node=node-1']
  docker(
    'run',
    '-d',
    '--network=none',
    ...labels,
    '--label=io.nanokube.type=container',
    image,
    'sleep',
    '9',
  )
  docker(
    'create',
    '--network=none',
    `--label=io.nanokube.cluster=${cluster}`,
    '--label=io.nanokube.node=node-2',
    '--label=io.nanokube.type=sandbox',
    '--name=of-another-node',
    image,
  )
  docker('volume', 'create', ...labels, '--label=io.nanokube.type=memory-volume', 'of-another')
  docker('network', 'create', '--internal', 'foreign')
  docker('tag', image, 'foreign/image:1')
}

/** All that the Engine has, but for what a kubelet may add: the image of its sandboxes. */
function inventory(docker: (...words: string[]) => string): Record<string, readonly string[]> {
  const lines = (...words: string[]): string[] =>
    docker(...words)
      .split('\n')
      .sort()
  return {
    containers: lines('ps', '--all', '--quiet', '--no-trunc'),
    volumes: lines('volume', 'ls', '--quiet'),
    networks: lines('network', 'ls', '--format={{.Name}}'),
    images: lines('images', '--format={{.Repository}}:{{.Tag}}').filter(
      (each) => !each.startsWith('nanokube-sandbox:'),
    ),
  }
}

async function churn(node: NodeProcess, own: OwnEngine): Promise<void> {
  const random = seededRandom(SEED)
  const alive: string[] = []
  const engineEnds = new Map([
    [Math.floor(PODS / 3), 'SIGKILL' as const],
    [Math.floor((PODS * 2) / 3), 'SIGTERM' as const],
  ])
  for (let made = 0; made < PODS || alive.length > 0; ) {
    const isFull = alive.length >= ALIVE_MAX || made === PODS
    if (isFull || (alive.length > 0 && random.below(3) === 0)) {
      const [name] = alive.splice(random.below(alive.length), 1)
      await remove(node, name!, random.below(3) - 1)
      continue
    }
    const name = `pod-${made}`
    const all = specs(node, name)
    await node.create(name, all[random.below(all.length)]!)
    alive.push(name)
    made++
    const signal = engineEnds.get(made)
    if (signal) {
      await own.end(signal)
      await clock.sleep(random.below(KILL_DELAY_MAX_MS))
      await own.start()
    }
    if (made % KUBELET_LIFE_PODS === 0) {
      await clock.sleep(random.below(KILL_DELAY_MAX_MS))
      await node.kill()
      if (alive.length > 0) await remove(node, alive.shift()!, 1)
      await node.run()
    }
    await untilFewer(node)
  }
}

async function untilFewer(node: NodeProcess): Promise<void> {
  const endsAt = clock.monotonic() + PATIENCE_MS
  for (;;) {
    node.checkAlive()
    const known = await knownPods(node)
    if (known.length < KNOWN_MAX) return
    if (clock.monotonic() > endsAt) {
      const events = await Promise.all(known.map((name) => node.eventsOf(name)))
      const said = node.output.join('').slice(-4000)
      throw new Error(`pods do not go: ${JSON.stringify(events, null, 1)}, the kubelet: ${said}`)
    }
    await clock.sleep(50)
  }
}

/** A grace below 0 is that of the pod. */
const remove = async (node: NodeProcess, name: string, graceSeconds: number): Promise<void> => {
  const options = graceSeconds < 0 ? {} : { gracePeriodSeconds: graceSeconds }
  await node.client.delete(Pod, { name, namespace: 'default' }, options)
}

const knownPods = async ({ client }: NodeProcess): Promise<string[]> =>
  (await client.list(Pod, { namespace: 'default' })).map(({ metadata }) => metadata.name)

/**
 * Directories, mounts, links and routes that only pods can have brought. Processes are left to the
 * Engine: killed in the middle of a start, it may forget one that it has just begun.
 */
function leftOnMachine(node: NodeProcess): string[] {
  const folder = join(node.rootDirectory, 'pods')
  const directories = existsSync(folder) ? readdirSync(folder) : []
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${node.rootDirectory}/`))
  const links = node.onNode('ip -brief link show type veth; ip route').split('\n')
  const expected = /^(eth0@|172\.31\.)/
  return [...directories, ...mounts, ...links.filter((line) => line && !expected.test(line))]
}
