/** The flags of the kubelet, named as upstream names them where upstream has them. */
import { monitoringFlags } from '#client/component.ts'
import { type OptionValues, option } from '#daemon/options.ts'

export const flags = {
  'API server flags': {
    kubeconfig: option.text({
      help:
        'File that says which API server to work for, and as whom. With --bootstrap-kubeconfig it ' +
        'is written when it is not there yet.',
    }),
    'bootstrap-kubeconfig': option.text({
      help: 'File with credentials that are just good enough to ask for a certificate of the node.',
    }),
    'rotate-certificates': option.boolean({
      help: 'Ask for a new client certificate before the present one expires.',
      default: true,
    }),
  },
  'Node flags': {
    'hostname-override': option.text({
      help: 'Name of the node, in place of that of the machine.',
    }),
    'node-ip': option.list({ help: 'Addresses of the node, one for each family at most.' }),
    'node-external-ip': option.list({
      help: 'Addresses under which other hosts reach the node, beside those of --node-ip.',
    }),
    'node-labels': option.map({ help: 'Labels of the node when it registers.' }),
    'register-node': option.boolean({ help: 'Register the node.', default: true }),
    'register-with-taints': option.list({
      help: 'Taints of a node that is new, as <key>=<value>:<effect>.',
    }),
    'provider-id': option.text({ help: 'What the cloud calls the machine.' }),
    'cloud-provider': option.choice(['', 'external'], {
      help: 'With "external", a new node waits for the cloud part to make it known.',
      default: '',
    }),
    'max-pods': option.integer({ help: 'How many pods fit on the node.', default: 110, min: 1 }),
    'pod-max-pids': option.integer({
      help: 'How many processes each container may have; -1 means any number.',
      default: -1,
      min: -1,
    }),
    'system-reserved': option.map({ help: 'What pods do not get, such as cpu=200m,memory=150Mi.' }),
    'kube-reserved': option.map({ help: 'What pods do not get besides, such as cpu=200m.' }),
    'eviction-hard': option.text({
      help: 'When pods have to leave, as <signal><<amount or share>,…; empty means never.',
      default: 'memory.available<100Mi,nodefs.available<10%,nodefs.inodesFree<5%,pid.available<5%',
    }),
    'eviction-pressure-transition-period': option.duration({
      help: 'How long a pressure has to be over before the node says so.',
      default: 300_000,
    }),
  },
  'Pod flags': {
    'root-dir': option.text({
      help: 'Where files of pods lie; the same path here and where the engine runs.',
      default: '/var/lib/kubelet',
    }),
    'pod-manifest-path': option.text({
      help: 'Folder with manifests of pods for this node alone.',
    }),
    'file-check-frequency': option.duration({
      help: 'How often that folder is looked through.',
      default: 20_000,
    }),
    'cluster-dns': option.list({ help: 'Addresses of the DNS servers of the cluster.' }),
    'cluster-domain': option.text({ help: 'Domain of the cluster.', default: 'cluster.local' }),
    'resolv-conf': option.text({
      help: 'Resolver configuration of the node, for pods that want it; empty means none.',
      default: '/etc/resolv.conf',
    }),
    'allowed-unsafe-sysctls': option.list({
      help: 'Kernel parameters, or beginnings of them that end in *, that pods may set besides.',
    }),
    'seccomp-default': option.boolean({
      help: 'Give containers that say nothing the default seccomp profile.',
    }),
    'shutdown-grace-period': option.duration({
      help: 'How long pods may take to end when the kubelet is stopped; 0 leaves them running.',
      default: 0,
    }),
    'shutdown-grace-period-critical-pods': option.duration({
      help: 'How much of that time is for critical pods, which end last.',
      default: 0,
    }),
  },
  'Runtime flags': {
    'container-runtime-endpoint': option.text({
      help: 'Where the Docker Engine listens, as a path, unix:///path or tcp://host:port.',
      default: 'unix:///var/run/docker.sock',
    }),
    'cluster-name': option.text({
      help: 'Tells the containers of this cluster from those of others on the same engine.',
      default: 'kubernetes',
    }),
    'node-network': option.text({
      help:
        'Network of the node: host, container:<id> of the container whose network this process ' +
        'shares, or namespace:<path> of a network namespace.',
      default: 'host',
    }),
    'node-root': option.text({
      help: 'Where the files of the node are seen from here; empty where the kubelet runs on it.',
      default: '',
    }),
    'pod-cidr': option.list({
      help: 'Addresses for pods, for a kubelet whose node is not given any by the cluster.',
    }),
    'cgroup-root': option.text({
      help: 'Path below which the cgroups of all pods lie; the engine decides unless given.',
    }),
    'container-log-max-size': option.text({
      help: 'How large a log of a container becomes before a new file is begun.',
      default: '10Mi',
    }),
    'container-log-max-files': option.integer({
      help: 'How many files of logs are kept for each container.',
      default: 5,
      min: 2,
    }),
    'image-gc-high-threshold': option.integer({
      help: 'Share of the disk, in percent, from which on images are removed.',
      default: 85,
      min: 0,
      max: 100,
    }),
    'minimum-image-ttl-duration': option.duration({
      help: 'How long an image that nobody uses is kept at least.',
      default: 120_000,
    }),
    'image-gc-low-threshold': option.integer({
      help: 'Share of the disk, in percent, down to which images are removed.',
      default: 80,
      min: 0,
      max: 100,
    }),
  },
  'Hollow node flags': {
    'hollow-nodes': option.integer({
      help: 'Pretend to be so many nodes that run no containers; their names are numbered.',
      default: 0,
      min: 0,
    }),
    'hollow-start-delay': option.duration({
      help: 'How long a container of a hollow node takes to start.',
      default: 0,
    }),
    'hollow-failure-percent': option.integer({
      help: 'How many of a hundred containers of hollow nodes fail soon after their start.',
      default: 0,
      min: 0,
      max: 100,
    }),
    'hollow-cpus': option.integer({ help: 'Processors of a hollow node.', default: 8, min: 1 }),
    'hollow-memory': option.text({ help: 'Memory of a hollow node.', default: '32Gi' }),
  },
  'Server flags': {
    address: option.text({ help: 'Address to serve on.', default: '0.0.0.0' }),
    port: option.port({
      help: 'Port to serve logs, commands and figures on; hollow nodes take any that are free.',
      default: 10_250,
    }),
    'cert-dir': option.text({
      help: 'Where certificates are kept; <root-dir>/pki unless given.',
    }),
    'tls-cert-file': option.text({ help: 'Certificate to serve with; an own one unless given.' }),
    'tls-private-key-file': option.text({ help: 'Key of that certificate.' }),
    'client-ca-file': option.text({
      help: 'Authorities of callers with certificates; those of the API server unless given.',
    }),
    'anonymous-auth': option.boolean({
      help: 'Let callers in that do not say who they are, as far as they may.',
      default: false,
    }),
    ...monitoringFlags(10_248),
  },
}

export type Flags = OptionValues<typeof flags>
