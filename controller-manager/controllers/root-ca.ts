/** Puts the authorities that pods shall trust into every namespace, as kube-root-ca.crt. */
import { ConfigMap } from '#api/kinds/core/config-map.ts'
import { Namespace } from '#api/kinds/core/namespace.ts'
import { sameJson } from '#api/patch/same-json.ts'
import { type Controller, defineController, watching } from '#client/controller.ts'
import { createdUnlessThere, isActive } from '../namespaced.ts'

const NAME = 'kube-root-ca.crt'
const DESCRIPTION = 'kubernetes.io/description'
const description =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal ' +
  'endpoints such as the internal service IP or kubernetes.default.svc. ' +
  'No other usage is guaranteed across distributions of Kubernetes clusters.'

export const rootCaController = (authorities: string): Controller =>
  defineController({
    name: 'root-ca-cert-publisher',
    for: Namespace,
    watches: [
      watching(ConfigMap, function* ({ metadata: { name, namespace = '' } }) {
        if (name === NAME) yield { name: namespace }
      }),
    ],
    workers: 1,
    async reconcile(namespace, { cached, client }) {
      if (!isActive(namespace)) return
      const metadata = { name: NAME, namespace: namespace.metadata.name }
      const present = cached(ConfigMap).get(metadata)
      if (!present) {
        const annotations = { [DESCRIPTION]: description }
        const data = { 'ca.crt': authorities }
        return createdUnlessThere(client, ConfigMap, {
          metadata: { ...metadata, annotations },
          data,
        })
      }
      const wanted = publishedIn(present, authorities)
      if (wanted) await client.update(ConfigMap, wanted)
    },
  })

/** Undefined when it is as it should be; a description of somebody else is as good as ours. */
export function publishedIn(present: ConfigMap, authorities: string): ConfigMap | undefined {
  const { metadata } = present
  const data = { 'ca.crt': authorities }
  const isDescribed = Boolean(metadata.annotations?.[DESCRIPTION])
  if (isDescribed && sameJson(present.data, data)) return undefined
  const annotations = { ...metadata.annotations, [DESCRIPTION]: description }
  return { ...present, metadata: { ...metadata, annotations }, data }
}
