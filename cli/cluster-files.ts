/** Where the files of a cluster lie: one directory holds everything that it is. */
import { homedir } from 'node:os'
import { join } from 'node:path'

export interface ClusterFiles {
  readonly directory: string
  /** What was asked for: cluster.ts says how it reads. */
  readonly cluster: string
  /** Held by the one command that is changing the cluster. */
  readonly lock: string
  /** What the supervisor does, as it does it. */
  readonly status: string
  readonly supervisorPid: string
  readonly logs: string
  readonly apiServer: string
  readonly pki: string
  readonly adminKubeconfig: string
  /** How nodes come in: with a bootstrap token. */
  readonly joinKubeconfig: string
  node(name: string): NodeFiles
  log(component: string): string
}

export interface NodeFiles {
  readonly directory: string
  /** Of the kubelet, once it has asked for it. */
  readonly kubeconfig: string
}

/** As root for the whole machine, else for the user. */
export function clustersDirectory(isRoot: boolean, home: string = homedir()): string {
  return isRoot ? '/var/lib/nanokube' : join(home, '.local', 'share', 'nanokube')
}

export function clusterFiles(directory: string): ClusterFiles {
  const at = (...parts: readonly string[]): string => join(directory, ...parts)
  const pki = at('apiserver', 'pki')
  return {
    directory,
    cluster: at('cluster.json'),
    lock: at('lock'),
    status: at('run', 'status.json'),
    supervisorPid: at('run', 'supervisor.pid'),
    logs: at('logs'),
    apiServer: at('apiserver'),
    pki,
    adminKubeconfig: join(pki, 'admin.kubeconfig'),
    joinKubeconfig: at('run', 'join.kubeconfig'),
    node: (name) => ({
      directory: at('nodes', name),
      kubeconfig: at('nodes', name, 'kubelet.kubeconfig'),
    }),
    log: (component) => at('logs', `${component}.log`),
  }
}
