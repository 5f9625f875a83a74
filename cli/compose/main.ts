/**
 * What docker-compose.yml runs beside the services: `prepare` makes the directory of the cluster
 * one whose mounts containers share, `objects` makes the first objects and credentials, and
 * `remove` takes away the containers and volumes of pods.
 */
import { chown, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock as clock } from '#daemon/clock.ts'
import { systemHost as host } from '#daemon/host.ts'
import { type OptionValues, option, parseOptions } from '#daemon/options.ts'
import { systemRandom as random } from '#daemon/random.ts'
import { Engine } from '#engine/engine.ts'
import { adminAccess } from '../api-access.ts'
import { type ClusterDescription, writeWhole } from '../cluster.ts'
import { clusterFiles } from '../cluster-files.ts'
import { applyAddOns } from '../supervisor/add-ons.ts'
import { kubeProxyKubeconfig } from '../supervisor/components.ts'
import { removeFromEngine } from '../supervisor/machine.ts'
import {
  ensureJoinKubeconfig,
  entryForNodes,
  writeForNodes,
} from '../supervisor/node-credentials.ts'
import { shareMounts } from './share-mounts.ts'

const flags = {
  'Cluster flags': {
    name: option.text({
      help: 'What the containers of pods carry as their cluster.',
      required: true,
    }),
    'data-dir': option.text({ help: 'Directory of the cluster.', required: true }),
    network: option.text({ help: 'First three numbers of the addresses.', default: '172.28.0' }),
    'host-port': option.port({ help: 'Port of the API server on the machine.', default: 6443 }),
    owner: option.text({ help: 'Who may read the kubeconfig, as UID:GID.', default: '0:0' }),
    engine: option.text({
      help: 'Where the Docker Engine listens.',
      default: 'unix:///var/run/docker.sock',
    }),
  },
}
type Values = OptionValues<typeof flags>

const tasks: Readonly<Record<string, (values: Values) => Promise<void>>> = {
  prepare: ({ dataDir }) => shareMounts(dataDir),
  objects,
  async remove(values) {
    await using engine = new Engine(values.engine)
    await removeFromEngine(engine, clusterOf(values))
  },
}

const { values, words } = parseOptions(flags, { ...host, wordsMax: 1 })
const task = tasks[words[0] ?? '']
if (!task) throw new Error(`found "${words[0]}", wanted one of ${Object.keys(tasks).join(', ')}`)
await task(values)

async function objects(values: Values): Promise<void> {
  const cluster = clusterOf(values)
  const files = clusterFiles(values.dataDir)
  await using access = await adminAccess(files, clock)
  await ensureJoinKubeconfig(access.client, cluster, files, random)
  await writeForNodes(join(files.pki, 'kube-proxy.kubeconfig'), kubeProxyKubeconfig(files), cluster)
  await applyAddOns(access.client, cluster, await entryForNodes(cluster, files))
  await writeForHost(files.adminKubeconfig, join(values.dataDir, 'kubeconfig'), values)
}

/** The parts of a description that the objects and credentials of a cluster need. */
function clusterOf({ name, network }: Values): ClusterDescription {
  return {
    name,
    id: name,
    apiPort: 6443,
    network: { subnet: `${network}.0/24`, gateway: `${network}.2` },
    dnsServer: `${network}.3`,
    podCidr: '10.244.0.0/16',
    serviceCidr: '10.96.0.0/16',
    dnsAddress: '10.96.0.10',
    loadBalancerPool: `${network}.200-${network}.250`,
    nodes: [],
    hollowNodes: 0,
  }
}

async function writeForHost(source: string, target: string, values: Values): Promise<void> {
  const config = JSON.parse(await readFile(source, 'utf8'))
  config.clusters[0].cluster.server = `https://localhost:${values.hostPort}`
  await writeWhole(target, `${JSON.stringify(config, undefined, 2)}\n`)
  const [user = 0, group = 0] = values.owner.split(':').map(Number)
  await chown(target, user, group)
}
