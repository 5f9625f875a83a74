/** The processes of a cluster: which there are, and how each is started. Pure. */
import { type ClusterDescription, type ClusterNode, tunnelPort } from '../cluster.ts'
import type { ClusterFiles } from '../cluster-files.ts'

export interface Component {
  /** As `nanokube logs` names it: `apiserver`, `node1/kubelet`. */
  readonly name: string
  /** The file that is started, from the root of the project. */
  readonly program: string
  readonly arguments: readonly string[]
  /** Name of the node in whose network it runs; this machine's own unless given. */
  readonly node?: string
  /** Files without which there is no use in starting it. */
  readonly needs: readonly string[]
}

export const API_SERVER = 'apiserver'
const MONITORING_OFF = 0
const HOLLOW_PREFIX = 'hollow'
const DNS_PORT = 10_053

export const dnsPort = DNS_PORT

export function componentsOf(cluster: ClusterDescription, files: ClusterFiles): Component[] {
  const nodes = cluster.nodes.flatMap((node) => [
    kubelet(cluster, node, files),
    kubeProxy(cluster, node, files),
  ])
  if (cluster.joined) return nodes
  const control = [
    apiServer(cluster, files),
    controllerManager(cluster, files),
    scheduler(files),
    cloudControllerManager(cluster, files),
    clusterDns(cluster, files),
  ]
  return [...control, ...nodes, ...hollow(cluster, files)]
}

function apiServer(cluster: ClusterDescription, files: ClusterFiles): Component {
  // Without nodes there is no network, and nobody in it who would ask.
  const inner = cluster.nodes.length > 0 ? [cluster.network.gateway] : []
  const outer = cluster.apiAddresses ?? []
  const addresses = ['127.0.0.1', ...inner, ...outer]
  return {
    name: API_SERVER,
    program: 'apiserver/main.ts',
    arguments: [
      `--data-dir=${files.apiServer}`,
      `--bind-address=${addresses.join(',')}`,
      `--advertise-address=${outer[0] ?? cluster.network.gateway}`,
      `--secure-port=${cluster.apiPort}`,
      `--service-cluster-ip-range=${cluster.serviceCidr}`,
      '--enable-bootstrap-token-auth',
    ],
    needs: [],
  }
}

function controllerManager(cluster: ClusterDescription, files: ClusterFiles): Component {
  return {
    name: 'controller-manager',
    program: 'controller-manager/main.ts',
    arguments: [
      `--kubeconfig=${files.pki}/controller-manager.kubeconfig`,
      `--root-ca-file=${files.pki}/ca.crt`,
      `--cluster-signing-cert-file=${files.pki}/ca.crt`,
      `--cluster-signing-key-file=${files.pki}/ca.key`,
      '--allocate-node-cidrs',
      `--cluster-cidr=${cluster.podCidr}`,
      `--service-cluster-ip-range=${cluster.serviceCidr}`,
      `--monitoring-port=${MONITORING_OFF}`,
      '--leader-elect=false',
    ],
    needs: [`${files.pki}/controller-manager.kubeconfig`],
  }
}

function scheduler(files: ClusterFiles): Component {
  return {
    name: 'scheduler',
    program: 'scheduler/main.ts',
    arguments: [
      `--kubeconfig=${files.pki}/scheduler.kubeconfig`,
      `--monitoring-port=${MONITORING_OFF}`,
      '--leader-elect=false',
    ],
    needs: [`${files.pki}/scheduler.kubeconfig`],
  }
}

function cloudControllerManager(cluster: ClusterDescription, files: ClusterFiles): Component {
  return {
    name: 'cloud-controller-manager',
    program: 'cloud-controller-manager/main.ts',
    arguments: [
      `--kubeconfig=${files.pki}/cloud-controller-manager.kubeconfig`,
      `--load-balancer-pool=${cluster.loadBalancerPool}`,
      `--monitoring-port=${MONITORING_OFF}`,
      '--leader-elect=false',
    ],
    needs: [`${files.pki}/cloud-controller-manager.kubeconfig`],
  }
}

function clusterDns(cluster: ClusterDescription, files: ClusterFiles): Component {
  return {
    name: 'cluster-dns',
    program: 'cluster-dns/main.ts',
    arguments: [
      `--kubeconfig=${files.pki}/cluster-dns.kubeconfig`,
      `--listen-address=${cluster.dnsServer ?? cluster.network.gateway}`,
      `--port=${DNS_PORT}`,
      `--health-port=${MONITORING_OFF}`,
      `--monitoring-port=${MONITORING_OFF}`,
    ],
    needs: [`${files.pki}/cluster-dns.kubeconfig`],
  }
}

function kubelet(cluster: ClusterDescription, node: ClusterNode, files: ClusterFiles): Component {
  const { directory, kubeconfig } = files.node(node.name)
  return {
    name: `${node.name}/kubelet`,
    program: 'kubelet/main.ts',
    arguments: [
      `--kubeconfig=${kubeconfig}`,
      `--bootstrap-kubeconfig=${files.joinKubeconfig}`,
      `--client-ca-file=${files.pki}/ca.crt`,
      `--hostname-override=${node.name}`,
      ...placeOf(cluster, node),
      `--root-dir=${directory}`,
      `--cluster-dns=${cluster.dnsAddress}`,
      `--cluster-name=${cluster.id}`,
      `--node-network=container:${holderName(cluster, node.name)}`,
    ],
    node: node.name,
    needs: [files.joinKubeconfig],
  }
}

const NO_BALANCERS = 'node.kubernetes.io/exclude-from-external-load-balancers'

/** Where others reach a node. One on another machine is on no link with addresses of balancers. */
function placeOf({ joined, apiAddresses }: ClusterDescription, node: ClusterNode): string[] {
  const outer = joined?.address ?? apiAddresses?.[0]
  const inner = `--node-ip=${joined?.address ?? node.address}`
  if (outer === undefined) return [inner]
  const labels = joined ? `${NO_BALANCERS}=true` : `nanokube.io/tunnel-port=${tunnelPort(node)}`
  return [inner, `--node-external-ip=${outer}`, `--node-labels=${labels}`]
}

/** One for all local nodes: it says the way from their networks. */
export const kubeProxyKubeconfig = ({ directory }: ClusterFiles): string =>
  `${directory}/run/kube-proxy.kubeconfig`

function kubeProxy(cluster: ClusterDescription, node: ClusterNode, files: ClusterFiles): Component {
  const joinedBy = files.node(node.name).kubeconfig
  const kubeconfig = cluster.joined ? joinedBy : kubeProxyKubeconfig(files)
  return {
    name: `${node.name}/kube-proxy`,
    program: 'kube-proxy/main.ts',
    arguments: [
      `--kubeconfig=${kubeconfig}`,
      `--hostname-override=${node.name}`,
      `--cluster-cidr=${cluster.podCidr}`,
    ],
    node: node.name,
    needs: [kubeconfig],
  }
}

function hollow(cluster: ClusterDescription, files: ClusterFiles): Component[] {
  if (cluster.hollowNodes === 0) return []
  return [
    {
      name: 'hollow-nodes',
      program: 'kubelet/main.ts',
      arguments: [
        `--kubeconfig=${files.adminKubeconfig}`,
        `--hollow-nodes=${cluster.hollowNodes}`,
        `--hostname-override=${HOLLOW_PREFIX}`,
        `--monitoring-port=${MONITORING_OFF}`,
      ],
      needs: [files.adminKubeconfig],
    },
  ]
}

/** As their process counts them, from 0. */
export const hollowName = (number: number): string => `${HOLLOW_PREFIX}-${number}`

export const holderName = ({ name }: ClusterDescription, node: string): string =>
  `nanokube-${name}-${node}`
