/** Gives every namespace the service account that its pods have unless they name another. */
import { Namespace } from '#api/kinds/core/namespace.ts'
import { ServiceAccount } from '#api/kinds/core/service-account.ts'
import { defineController, watching } from '#client/controller.ts'
import { createdUnlessThere, isActive } from '../namespaced.ts'

const NAME = 'default'

export const serviceAccountController = defineController({
  name: 'service-account-controller',
  for: Namespace,
  watches: [
    watching(ServiceAccount, function* ({ metadata: { name, namespace = '' } }) {
      if (name === NAME) yield { name: namespace }
    }),
  ],
  workers: 1,
  async reconcile(namespace, { cached, client }) {
    if (!isActive(namespace)) return
    const account = { name: NAME, namespace: namespace.metadata.name }
    if (cached(ServiceAccount).get(account)) return
    await createdUnlessThere(client, ServiceAccount, { metadata: account })
  },
})
