/** A node as a network namespace without a way out, for a kubelet that runs beside it. */
import { execFileSync } from 'node:child_process'

export class NodeNamespace implements Disposable {
  readonly name: string

  constructor(name: string) {
    this.name = name
    this.#make()
  }

  /** File of the namespace. */
  get path(): string {
    return `/run/netns/${this.name}`
  }

  /** What the program writes, run inside. */
  run(program: string, ...programArguments: readonly string[]): string {
    return ip('netns', 'exec', this.name, program, ...programArguments)
  }

  /** As when the machine of a node is started anew: its ends of all links are gone. */
  renew(): void {
    ip('netns', 'del', this.name)
    this.#make()
  }

  [Symbol.dispose](): void {
    ip('netns', 'del', this.name)
  }

  #make(): void {
    ip('netns', 'add', this.name)
    ip('-n', this.name, 'link', 'set', 'lo', 'up')
    this.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward')
  }
}

function ip(...programArguments: readonly string[]): string {
  const stdio = ['ignore', 'pipe', 'inherit'] as const
  return execFileSync('ip', programArguments, { encoding: 'utf8', stdio: [...stdio] })
}
