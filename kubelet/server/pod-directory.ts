/** How the server of a kubelet finds the pods of its node and their containers. */
import type { Pod } from '#api/kinds/core/pod.ts'

export interface PodDirectory {
  /** Every pod of this node with the status that the kubelet knows, static ones included. */
  all(): readonly Pod[]
  /** A pod by its name; with a uid that very one, or undefined. */
  find(namespace: string, name: string, uid?: string): Pod | undefined
  /**
   * The runtime's id of the newest container of that name, whether it runs or has ended;
   * `previous`: of the one before it.
   */
  containerId(
    pod: Pod,
    container: string,
    options: { readonly previous: boolean },
  ): Promise<string | undefined>
}
