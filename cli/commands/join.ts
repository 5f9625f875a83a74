/** `nanokube join`: this machine becomes a node of a cluster that runs on another one. */
import { join as joinPath } from 'node:path'
import { Node } from '#api/kinds/core/node.ts'
import { dnsSubdomainName } from '#api/names.ts'
import { Connection } from '#client/connection.ts'
import { anonymous } from '#client/credentials.ts'
import { Client } from '#client/rest.ts'
import { hostName } from '#daemon/network.ts'
import type { OptionValues } from '#daemon/options.ts'
import { option } from '#daemon/options.ts'
import { isNodeReady } from '../api-access.ts'
import { checkEngine } from '../bring-up.ts'
import { clusterFlags, engineFlags, filesOf } from '../chosen-cluster.ts'
import {
  type ClusterDescription,
  clustersBeside,
  describeJoined,
  JOINED_NETWORK,
  readCluster,
  writeCluster,
  writeWhole,
} from '../cluster.ts'
import type { ClusterFiles } from '../cluster-files.ts'
import { lockCluster } from '../cluster-lock.ts'
import { type CommandContext, CommandError, defineCommand } from '../command.ts'
import { bringUpJoined } from '../join/bring-up-joined.ts'
import { type Discovered, type Invitation, parseHash, parseToken } from '../join/discovery.ts'
import { discover } from '../join/fetch-info.ts'
import { addressTowards } from '../join/own-address.ts'
import { freeSubnet } from '../new-cluster.ts'

const options = {
  ...clusterFlags,
  ...engineFlags,
  'Join flags': {
    token: option.text({ help: 'What nanokube token create has written.', required: true }),
    'discovery-token-ca-cert-hash': option.list({
      help: 'Hash of the key of the authority of the cluster, as sha256:<hex>.',
    }),
    'node-name': option.text({ help: 'Name of the node; that of this machine unless given.' }),
    'node-address': option.text({
      help:
        'Address of this machine, under which the control plane and all nodes reach it; ' +
        'the one from which it reaches the API server unless given.',
    }),
  },
  'Waiting flags': {
    wait: option.boolean({ help: 'Wait until the node is Ready.', default: true }),
  },
}
type Values = OptionValues<typeof options>

export const join = defineCommand({
  name: 'join',
  summary: 'Makes this machine a node of a cluster that runs on another one.',
  words: { usage: 'HOST:PORT', min: 1, max: 1 },
  options,
  async run(values, [place = ''], context) {
    const files = filesOf(values)
    const server = serverAt(place)
    const invitation = invitationOf(values)
    const nodeName = nameOf(values)
    await checkEngine(values.engine)
    using lock = await lockCluster(files, context)
    const present = await readCluster(files.cluster)
    if (present) checkSame(present, server, nodeName)
    const found = await context.progress.step('Cluster found and trusted', () =>
      discover(server, invitation, context),
    )
    if (!present) await checkName(nodeName, { ...found, server }, values, context)
    const cluster = present ?? (await describe(values, { server, nodeName }, files, context))
    await writeCredentials(files, { ...found, server }, values.token)
    await writeCluster(files.cluster, cluster)
    await bringUpJoined(cluster, files, values, context, lock)
    const { name } = cluster
    context.progress.report(
      { type: 'joined', cluster: name, node: nodeName, server, address: cluster.joined?.address },
      `Node "${nodeName}" is in the cluster at ${server}, and is reached at ` +
        `${cluster.joined?.address}.`,
    )
    context.progress.advise('After a reboot: nanokube start. To take it out: nanokube leave')
  },
})

function serverAt(place: string): string {
  const url = URL.canParse(`https://${place}`) ? new URL(`https://${place}`) : undefined
  const isWhole = url && /:\d+$/.test(place) && url.pathname === '/' && !url.search && !url.username
  if (isWhole) return `https://${place}`
  throw new CommandError(`join: found "${place}", wanted the API server as HOST:PORT`)
}

function invitationOf({ token, discoveryTokenCaCertHash: given }: Values): Invitation {
  if (given.length === 0) {
    throw new CommandError(
      'join: wanted --discovery-token-ca-cert-hash, without which anybody could be the cluster',
      'The control plane writes the whole command: nanokube token create',
    )
  }
  return { token: parseToken(token), hashes: given.map(parseHash) }
}

function nameOf({ nodeName }: Values): string {
  const name = (nodeName ?? hostName()).trim().toLowerCase()
  const [problem] = dnsSubdomainName(name, false)
  if (problem) throw new CommandError(`--node-name: found "${name}": ${problem}`)
  return name
}

/** Given again, the command goes on; but one directory is one node of one cluster. */
function checkSame(
  { name, joined, nodes }: ClusterDescription,
  server: string,
  node: string,
): void {
  if (joined?.server === server && nodes[0]?.name === node) return
  const what = joined ? `node "${nodes[0]?.name}" of ${joined.server}` : 'a cluster of its own'
  throw new CommandError(
    `cluster "${name}": this machine has ${what} under that name already`,
    'Give another name with --name, or remove that one first: ' +
      `nanokube ${joined ? 'leave' : 'delete'}`,
  )
}

/** A second machine of one name would take the pods of the first. */
async function checkName(
  name: string,
  found: Discovered,
  { token }: Values,
  { clock, signal }: CommandContext,
): Promise<void> {
  const credentials = {
    ...anonymous,
    headers: async () => ({ authorization: `Bearer ${token}` }),
    tls: async () => ({ ca: found.authority }),
  }
  const { server } = found
  await using connection = new Connection({ server, credentials, userAgent: 'nanokube-cli', clock })
  const node = await new Client({ connection }).find(Node, { name }, { signal })
  if (!node || !isNodeReady(node)) return
  throw new CommandError(
    `join: the cluster has a node "${name}" already, and it is Ready`,
    'Give this one another name: --node-name',
  )
}

async function describe(
  values: Values,
  { server, nodeName }: { readonly server: string; readonly nodeName: string },
  files: ClusterFiles,
  { random, signal }: CommandContext,
): Promise<ClusterDescription> {
  const address = values.nodeAddress ?? (await addressTowards(server, signal))
  const others = await clustersBeside(files)
  const reserved = others.map(({ network }) => network.subnet)
  const subnetNumber = await freeSubnet(values.engine, JOINED_NETWORK, reserved)
  const wishes = { name: values.name, nodeName, joined: { server, address }, subnetNumber }
  return describeJoined(wishes, random.uuid())
}

async function writeCredentials(
  files: ClusterFiles,
  found: Discovered,
  token: string,
): Promise<void> {
  await writeWhole(joinPath(files.pki, 'ca.crt'), found.authority)
  const text = JSON.stringify(kubeconfigOf(found, token), undefined, 2)
  await writeWhole(files.joinKubeconfig, `${text}\n`)
}

const kubeconfigOf = ({ server, authority }: Discovered, token: string) => ({
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [
    {
      name: 'cluster',
      cluster: {
        server,
        'certificate-authority-data': Buffer.from(authority).toString('base64'),
      },
    },
  ],
  users: [{ name: 'bootstrap', user: { token } }],
  contexts: [{ name: 'bootstrap', context: { cluster: 'cluster', user: 'bootstrap' } }],
  'current-context': 'bootstrap',
})
