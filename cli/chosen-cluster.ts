/** Which cluster a command is about: the flags that all of them have. */
import { join } from 'node:path'
import { type OptionValues, option } from '#daemon/options.ts'
import { type ClusterDescription, readCluster } from './cluster.ts'
import { type ClusterFiles, clusterFiles, clustersDirectory } from './cluster-files.ts'
import { CommandError } from './command.ts'

export const clusterFlags = {
  'Cluster flags': {
    name: option.text({
      help: 'Name of the cluster.',
      default: 'default',
      env: 'NANOKUBE_CLUSTER_NAME',
    }),
    'data-dir': option.text({
      help: 'Directory of the cluster; unless given, one of that name beside all others.',
    }),
  },
}

export const engineFlags = {
  'Engine flags': {
    engine: option.text({
      help: 'Where the Docker Engine listens.',
      default: 'unix:///var/run/docker.sock',
      env: 'DOCKER_HOST',
    }),
  },
}

const NAME = /^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/

export function filesOf({ name, dataDir }: OptionValues<typeof clusterFlags>): ClusterFiles {
  if (!NAME.test(name)) {
    throw new CommandError(
      `--name: found "${name}", wanted up to 40 lower-case letters, digits and "-"`,
    )
  }
  const isRoot = process.getuid?.() === 0
  return clusterFiles(dataDir ?? join(clustersDirectory(isRoot), name))
}

/** One whose control plane is on this machine. */
export async function existingHere(
  values: OptionValues<typeof clusterFlags>,
): Promise<{ readonly files: ClusterFiles; readonly cluster: ClusterDescription }> {
  const found = await existing(values)
  const { joined } = found.cluster
  if (!joined) return found
  throw new CommandError(
    `cluster "${values.name}": this machine only has a node of it, its control plane is at ` +
      joined.server,
    'Give the command on that machine. To take the node out of the cluster: nanokube leave',
  )
}

export async function existing(
  values: OptionValues<typeof clusterFlags>,
): Promise<{ readonly files: ClusterFiles; readonly cluster: ClusterDescription }> {
  const files = filesOf(values)
  const cluster = await readCluster(files.cluster)
  if (cluster) return { files, cluster }
  throw new CommandError(
    `cluster "${values.name}": there is none in ${files.directory}`,
    'Make it with: nanokube up',
  )
}
