/** Flags about nodes, their addresses and certificates, and what controllers make of them. */
import { readFile } from 'node:fs/promises'
import { type OptionValues, option } from '#daemon/options.ts'
import type { AuthorityFiles, SigningSettings } from './controllers/csr-signing.ts'
import type { MirroringSettings } from './controllers/endpointslice-mirroring.ts'
import type { NodeIpamSettings } from './controllers/node-ipam.ts'
import { blockRanges, parsedCidr } from './controllers/node-ipam-ranges.ts'
import type { NodeLifecycleSettings } from './controllers/node-lifecycle.ts'
import { usualRates } from './controllers/node-zones.ts'
import type { PodGcSettings } from './controllers/pod-gc.ts'

const DAY_MS = 86_400_000

const maskHelp = (family: string): string =>
  `Prefix length of the addresses of each node's pods, for ${family}`

const signerFile = (what: string, signer: string) =>
  option.text({ help: `PEM file with the ${what} of ${signer}, in place of that of all signers.` })

export const nodeFlags = {
  'Node lifecycle flags': {
    'node-monitor-grace-period': option.duration({
      help: 'How long a node may be silent before it is taken for unreachable.',
      default: 50_000,
    }),
    'node-startup-grace-period': option.duration({
      help: 'How long a node may be silent that has never reported anything.',
      default: 60_000,
    }),
    'node-monitor-period': option.duration({
      help: 'How often nodes that are not ready are looked at although nothing has changed.',
      default: 5000,
    }),
    'node-eviction-rate': option.number({
      help: 'Nodes in a second whose pods have to leave, in a zone where all is well.',
      default: usualRates.usualRate,
      min: 0,
    }),
    'secondary-node-eviction-rate': option.number({
      help: 'The same in a large zone where too many nodes are not ready; 0 in a small one.',
      default: usualRates.reducedRate,
      min: 0,
    }),
    'large-cluster-size-threshold': option.integer({
      help: 'Zones with more nodes than this are large.',
      default: usualRates.smallZoneMax,
      min: 0,
    }),
    'unhealthy-zone-threshold': option.number({
      help: 'Share of nodes, and at least three, that are not ready where too many are.',
      default: usualRates.unhealthyShare,
      min: 0,
      max: 1,
    }),
    'terminated-pod-gc-threshold': option.integer({
      help: 'Pods that have ended and may stay; any number when it is 0.',
      default: 12_500,
      min: 0,
    }),
  },
  'Node address flags': {
    'allocate-node-cidrs': option.boolean({ help: 'Give each node addresses for its pods.' }),
    'cluster-cidr': option.list({
      help: 'Addresses of all pods: one range, or one of each family.',
    }),
    'service-cluster-ip-range': option.list({
      help: 'Addresses of Services, which no pod shall have.',
    }),
    'node-cidr-mask-size': option.integer({ help: maskHelp('a cluster of one family; 24 or 64.') }),
    'node-cidr-mask-size-ipv4': option.integer({ help: maskHelp('IPv4; 24 unless given.') }),
    'node-cidr-mask-size-ipv6': option.integer({ help: maskHelp('IPv6; 64 unless given.') }),
  },
  'Certificate signing flags': {
    'cluster-signing-cert-file': option.text({
      help: 'PEM file with the authority that signs what has been approved.',
    }),
    'cluster-signing-key-file': option.text({ help: 'PEM file with the key of that authority.' }),
    'cluster-signing-duration': option.duration({
      help: 'What certificates are valid for, unless less is asked for.',
      default: 365 * DAY_MS,
    }),
    'cluster-signing-kubelet-serving-cert-file': signerFile('authority', 'kubelet-serving'),
    'cluster-signing-kubelet-serving-key-file': signerFile('key', 'kubelet-serving'),
    'cluster-signing-kubelet-client-cert-file': signerFile(
      'authority',
      'kube-apiserver-client-kubelet',
    ),
    'cluster-signing-kubelet-client-key-file': signerFile('key', 'kube-apiserver-client-kubelet'),
    'cluster-signing-kube-apiserver-client-cert-file': signerFile(
      'authority',
      'kube-apiserver-client',
    ),
    'cluster-signing-kube-apiserver-client-key-file': signerFile('key', 'kube-apiserver-client'),
    'cluster-signing-legacy-unknown-cert-file': signerFile('authority', 'legacy-unknown'),
    'cluster-signing-legacy-unknown-key-file': signerFile('key', 'legacy-unknown'),
  },
  'Endpoint flags': {
    'mirroring-max-endpoints-per-subset': option.integer({
      help: 'Addresses of each subset of Endpoints that are shown as slices.',
      default: 1000,
      min: 1,
      max: 1000,
    }),
  },
}

type NodeFlags = OptionValues<typeof nodeFlags>

export interface NodeSettings {
  readonly nodeLifecycle: NodeLifecycleSettings
  readonly podGc: PodGcSettings
  /** Undefined where nodes get no addresses from us. */
  readonly nodeIpam: NodeIpamSettings | undefined
  /** Undefined where no signer has an authority. */
  readonly signing: SigningSettings | undefined
  readonly mirroring: MirroringSettings
}

/** Throws a RangeError where flags contradict each other. */
export function nodeSettings(values: NodeFlags): NodeSettings {
  return {
    nodeLifecycle: {
      monitorGraceMs: values.nodeMonitorGracePeriod,
      startupGraceMs: values.nodeStartupGracePeriod,
      monitorPeriodMs: values.nodeMonitorPeriod,
      rates: {
        usualRate: values.nodeEvictionRate,
        reducedRate: values.secondaryNodeEvictionRate,
        smallZoneMax: values.largeClusterSizeThreshold,
        unhealthyShare: values.unhealthyZoneThreshold,
      },
    },
    podGc: { terminatedPodsMax: values.terminatedPodGcThreshold },
    nodeIpam: values.allocateNodeCidrs ? nodeIpamSettings(values) : undefined,
    signing: signingSettings(values),
    mirroring: { perSubsetMax: values.mirroringMaxEndpointsPerSubset },
  }
}

function nodeIpamSettings(values: NodeFlags): NodeIpamSettings {
  const flag = '--service-cluster-ip-range'
  return {
    ranges: blockRanges({
      clusterCidrs: values.clusterCidr,
      blockLength: values.nodeCidrMaskSize,
      ipv4BlockLength: values.nodeCidrMaskSizeIpv4,
      ipv6BlockLength: values.nodeCidrMaskSizeIpv6,
    }),
    serviceCidrs: values.serviceClusterIpRange.map((text) => parsedCidr(flag, text)),
  }
}

interface FileNames {
  readonly certificate: string | undefined
  readonly key: string | undefined
}

function signingSettings(values: NodeFlags): SigningSettings | undefined {
  const all = pairOf(
    '--cluster-signing',
    values.clusterSigningCertFile,
    values.clusterSigningKeyFile,
  )
  const own: Readonly<Record<string, FileNames>> = {
    'kubelet-serving': pairOf(
      '--cluster-signing-kubelet-serving',
      values.clusterSigningKubeletServingCertFile,
      values.clusterSigningKubeletServingKeyFile,
    ),
    'kube-apiserver-client-kubelet': pairOf(
      '--cluster-signing-kubelet-client',
      values.clusterSigningKubeletClientCertFile,
      values.clusterSigningKubeletClientKeyFile,
    ),
    'kube-apiserver-client': pairOf(
      '--cluster-signing-kube-apiserver-client',
      values.clusterSigningKubeApiserverClientCertFile,
      values.clusterSigningKubeApiserverClientKeyFile,
    ),
    'legacy-unknown': pairOf(
      '--cluster-signing-legacy-unknown',
      values.clusterSigningLegacyUnknownCertFile,
      values.clusterSigningLegacyUnknownKeyFile,
    ),
  }
  if ([all, ...Object.values(own)].every(({ certificate }) => !certificate)) return undefined
  const namesFor = (signer: string): FileNames => {
    const names = own[signer.slice(signer.indexOf('/') + 1)]
    return names?.certificate ? names : all
  }
  return {
    durationMs: values.clusterSigningDuration,
    authority: (signer) => authorityFiles(namesFor(signer)),
  }
}

function pairOf(flag: string, certificate?: string, key?: string): FileNames {
  if (Boolean(certificate) === Boolean(key)) return { certificate, key }
  throw new RangeError(`${flag}-cert-file and ${flag}-key-file: found one, wanted both or none`)
}

/** Read anew each time: they are exchanged when the authority is. */
async function authorityFiles({
  certificate,
  key,
}: FileNames): Promise<AuthorityFiles | undefined> {
  if (!certificate || !key) return undefined
  const [certificateText, keyText] = await Promise.all([
    readFile(certificate, 'utf8'),
    readFile(key, 'utf8'),
  ])
  return { certificate: certificateText, key: keyText }
}
