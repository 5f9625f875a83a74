/** The list of controllers that a cloud needs: to add one is to add a line. */
import type { Controller } from '#client/controller.ts'
import type { AccountedController } from '#client/run-controllers.ts'
import { type CloudNodeSettings, cloudNodeController } from './node-controller.ts'
import {
  type CloudLifecycleSettings,
  cloudLifecycleController,
} from './node-lifecycle-controller.ts'
import type { CloudProvider } from './provider.ts'
import { serviceController } from './service-controller.ts'

export type CloudSettings = CloudNodeSettings & CloudLifecycleSettings

/** What a provider cannot do is left out, and said. */
const made = (controller: Controller | undefined) => controller && [controller]

/** Names, and upstream's accounts with their roles, as upstream has them. */
export const cloudControllers = (
  { instances, balancers }: CloudProvider,
  settings: CloudSettings,
): readonly AccountedController[] => [
  {
    name: 'cloud-node-controller',
    account: 'node-controller',
    make: () => made(instances && cloudNodeController(instances, settings)),
  },
  {
    name: 'cloud-node-lifecycle-controller',
    account: 'node-controller',
    make: () => made(instances && cloudLifecycleController(instances, settings)),
  },
  {
    name: 'service-lb-controller',
    account: 'service-controller',
    make: () => made(balancers && serviceController(balancers)),
  },
]
