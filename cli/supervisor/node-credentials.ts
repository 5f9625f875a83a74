/** What local nodes need to come to the API server: where it is for them, and a token. */
import { readFile } from 'node:fs/promises'
import { Secret } from '#api/kinds/core/secret.ts'
import type { Client } from '#client/rest.ts'
import type { Random } from '#daemon/random.ts'
import { type ClusterDescription, writeWhole } from '../cluster.ts'
import type { ClusterFiles } from '../cluster-files.ts'
import { type ClusterEntry, newToken, storeToken, tokenText } from './add-ons.ts'

/** As the API server writes it: JSON. */
interface KubeconfigFile {
  readonly clusters: readonly [{ readonly name: string; readonly cluster: { server: string } }]
  readonly users: readonly [{ readonly name: string; readonly user: object }]
}

/** Where nodes find the API server: in their networks, localhost is somebody else. */
const serverForNodes = ({ network, apiPort, joined }: ClusterDescription): string =>
  joined?.server ?? `https://${network.gateway}:${apiPort}`

/** Where nodes of other machines find it, if they can. */
export const serverForOthers = (cluster: ClusterDescription): string =>
  cluster.apiAddresses?.[0]
    ? `https://${cluster.apiAddresses[0]}:${cluster.apiPort}`
    : serverForNodes(cluster)

/** The same user as in `path`, who comes from the network of a node. */
export async function writeForNodes(
  path: string,
  target: string,
  cluster: ClusterDescription,
): Promise<void> {
  const config = await readKubeconfig(path)
  config.clusters[0].cluster.server = serverForNodes(cluster)
  await writeWhole(target, `${JSON.stringify(config, undefined, 2)}\n`)
}

/** Credentials that a node has already stay good when the server gets another port. */
export async function updateServer(path: string, cluster: ClusterDescription): Promise<void> {
  const config = await readKubeconfig(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  const server = serverForNodes(cluster)
  if (!config || config.clusters[0].cluster.server === server) return
  config.clusters[0].cluster.server = server
  await writeWhole(path, `${JSON.stringify(config, undefined, 2)}\n`)
}

/** What new nodes are told about the cluster. */
export async function entryForNodes(
  cluster: ClusterDescription,
  files: ClusterFiles,
): Promise<ClusterEntry> {
  const config = await readKubeconfig(files.adminKubeconfig)
  return { ...config.clusters[0].cluster, server: serverForOthers(cluster) }
}

/** A token that nodes of this machine come in with; the one of last time while it is there. */
export async function ensureJoinKubeconfig(
  client: Client,
  cluster: ClusterDescription,
  files: ClusterFiles,
  random: Random,
): Promise<void> {
  const present = await tokenIn(files.joinKubeconfig)
  const [id = '', secret = ''] = present?.split('.') ?? []
  const name = { name: `bootstrap-token-${id}`, namespace: 'kube-system' }
  const isStored = id && (await client.find(Secret, name)) !== undefined
  const token = isStored ? { id, secret } : newToken(random)
  if (!isStored) await storeToken(client, token, { description: 'For the nodes of this machine.' })
  const config = await readKubeconfig(files.adminKubeconfig)
  config.clusters[0].cluster.server = serverForNodes(cluster)
  const [user] = config.users
  const users = [{ ...user, user: { token: tokenText(token) } }]
  await writeWhole(files.joinKubeconfig, `${JSON.stringify({ ...config, users }, undefined, 2)}\n`)
}

async function tokenIn(path: string): Promise<string | undefined> {
  try {
    const [user] = (await readKubeconfig(path)).users
    return (user.user as { readonly token?: string }).token
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function readKubeconfig(path: string): Promise<KubeconfigFile> {
  return JSON.parse(await readFile(path, 'utf8')) as KubeconfigFile
}
