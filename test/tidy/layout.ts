/** Who may import whom: the layers of the system as a table. */

/** By top-level folder: the other folders it may import. */
export const importTable: Readonly<Record<string, readonly string[] | 'everything'>> = {
  api: [],
  daemon: [],
  client: ['api', 'daemon'],
  engine: ['daemon'],
  apiserver: ['api', 'daemon'],
  'controller-manager': ['api', 'client', 'daemon'],
  scheduler: ['api', 'client', 'daemon'],
  kubelet: ['api', 'client', 'daemon', 'engine'],
  'kube-proxy': ['api', 'client', 'daemon'],
  'cluster-dns': ['api', 'client', 'daemon'],
  'cloud-controller-manager': ['api', 'client', 'daemon'],
  cli: ['api', 'client', 'daemon', 'engine'],
  test: 'everything',
  bench: 'everything',
  docs: 'everything',
}

/** The modules of Node that api/ may use: they compute, and touch nothing outside. */
export const pureNodeModules: ReadonlySet<string> = new Set([
  'node:assert',
  'node:buffer',
  'node:crypto',
  'node:string_decoder',
  'node:url',
  'node:util',
])
