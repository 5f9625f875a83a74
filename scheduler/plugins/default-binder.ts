/** Binds pods through the API, as everybody else would. */
import { Binding } from '#api/kinds/core/binding.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import type { Plugin } from '../plugin.ts'

export const defaultBinder: Plugin = {
  name: 'DefaultBinder',
  async bind(client, { pod, uid }, nodeName) {
    const { name, namespace } = pod.metadata
    const metadata = { name, namespace: namespace ?? '', uid }
    const target = { kind: 'Node', apiVersion: 'v1', name: nodeName }
    await client.createSubresource(Pod, pod, 'binding', Binding, { metadata, target })
  },
}
