/**
 * Signs what new nodes read about the cluster before they trust anybody, with the secret of each
 * bootstrap token: who knows the token knows then that nobody has changed it on the way.
 */
import { ConfigMap } from '#api/kinds/core/config-map.ts'
import { Secret } from '#api/kinds/core/secret.ts'
import { defineController, watching } from '#client/controller.ts'
import { signedData, signingToken, tokenExpiry, tokenSecrets } from './bootstrap-tokens.ts'

const CLUSTER_INFO = { name: 'cluster-info', namespace: 'kube-public' }

export const bootstrapSignerController = defineController<ConfigMap>({
  name: 'bootstrap-signer',
  for: ConfigMap,
  selected: [
    {
      kind: ConfigMap,
      selectors: {
        namespace: CLUSTER_INFO.namespace,
        fieldSelector: `metadata.name=${CLUSTER_INFO.name}`,
      },
    },
    tokenSecrets,
  ],
  watches: [watching(Secret, () => [CLUSTER_INFO])],
  workers: 1,
  async reconcile(config, { cached, client, clock, log }) {
    const now = clock.now()
    const secrets = cached(Secret).list()
    const tokens = secrets.flatMap((secret) => signingToken(secret, now) ?? [])
    const data = signedData(config.data ?? {}, tokens)
    if (data) {
      await client.update(ConfigMap, { ...config, data })
      log.info('what new nodes read is signed', { tokens: tokens.map(({ id }) => id) })
    }
    // The signature of a token ends with it, even if nobody deletes it.
    const ends = secrets.flatMap((secret) => tokenExpiry(secret) ?? []).filter((at) => at > now)
    return ends.length > 0 ? { requeueAfterMs: Math.min(...ends) - now } : undefined
  },
})
