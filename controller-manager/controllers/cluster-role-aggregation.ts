/** Fills ClusterRoles that are made up of others with the rules of these. */
import { ClusterRole } from '#api/kinds/rbac/cluster-role.ts'
import { sameJson } from '#api/patch/same-json.ts'
import { aggregatedRules } from '#api/rules/role-aggregation.ts'
import { defineController, watching } from '#client/controller.ts'

const NAME = 'clusterrole-aggregation-controller'

export const clusterRoleAggregationController = defineController({
  name: NAME,
  for: ClusterRole,
  watches: [
    // Whether a role was or is selected is for each that gathers to find out.
    watching(ClusterRole, function* (_, { cached }) {
      for (const { metadata, aggregationRule } of cached(ClusterRole).list()) {
        if (aggregationRule) yield { name: metadata.name }
      }
    }),
  ],
  async reconcile(role, { cached, client }) {
    if (!role.aggregationRule || role.metadata.deletionTimestamp) return
    const others = cached(ClusterRole)
      .list()
      .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    const rules = aggregatedRules(role, others)
    if (sameJson(role.rules ?? [], rules)) return
    const { name } = role.metadata
    await client.apply(
      ClusterRole,
      { metadata: { name }, rules },
      { fieldManager: NAME, force: true },
    )
  },
})
