/** ReplicationControllers: the forerunners of ReplicaSets, alike in all that counts. */
import { ReplicationController } from '#api/kinds/core/replication-controller.ts'
import { nothing, selectorFromLabels } from '#api/label-selector.ts'
import { defineController } from '#client/controller.ts'
import { replicaController } from './replicaset-run.ts'

export const replicationControllerController = defineController<ReplicationController>(
  replicaController<ReplicationController>({
    name: 'replication-controller',
    kind: ReplicationController,
    // Without labels it would select everything, which upstream never lets it.
    selectorOf: ({ spec: { selector = {} } }) =>
      Object.keys(selector ?? {}).length > 0 ? selectorFromLabels(selector) : nothing,
    countsTerminating: false,
  }),
)
