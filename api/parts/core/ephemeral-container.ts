/** Ephemeral containers: added to a running pod in order to look into it. */
import { inline, omitEmpty, type Stored, string, struct } from '../../schema.ts'
import { containerFields, defaultContainer } from './container.ts'

export const ephemeralContainerCommon = struct(
  'core.v1.EphemeralContainerCommon',
  'What an ephemeral container has in common with any other.',
  containerFields,
  { defaults: defaultContainer },
)
export interface EphemeralContainerCommon extends Stored<typeof ephemeralContainerCommon> {}

export const ephemeralContainer = struct(
  'core.v1.EphemeralContainer',
  'A container added to a running pod. It never restarts and has no guarantees.',
  {
    ephemeralContainerCommon: inline(1, ephemeralContainerCommon),
    targetContainerName: omitEmpty(
      2,
      string,
      'Container whose namespaces to join. Those of the pod when unset.',
    ),
  },
)
export interface EphemeralContainer extends Stored<typeof ephemeralContainer> {}
