/** ReplicaSets: as many pods of one template as they want. */
import { ReplicaSet } from '#api/kinds/apps/replica-set.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { controllerOf } from '#client/cache.ts'
import { type CacheAccess, defineController } from '#client/controller.ts'
import { selectorOf } from '../rollout.ts'
import { replicaController } from './replicaset-run.ts'

export const replicaSetController = defineController<ReplicaSet>(
  replicaController<ReplicaSet>({
    name: 'replicaset-controller',
    kind: ReplicaSet,
    selectorOf: ({ spec }) => selectorOf(spec.selector),
    siblings,
  }),
)

/** Pods of the other ReplicaSets of the same Deployment. */
function siblings(replicaSet: ReplicaSet, { cached }: CacheAccess): readonly Pod[] {
  const owner = controllerOf(replicaSet)
  if (!owner) return []
  return cached(ReplicaSet)
    .ownedBy({ metadata: owner })
    .filter(({ metadata }) => metadata.uid !== replicaSet.metadata.uid)
    .flatMap((each) => cached(Pod).ownedBy(each))
}
